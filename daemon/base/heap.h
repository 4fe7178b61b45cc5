// What the daemon asks of the C library's heap, which is made for programs that come and go. Nothing where
// the library is not glibc.
#pragma once

namespace mailchute {

/// Two arenas instead of one a thread: each thread of the pool would keep what one reading of the
/// configuration left free in its own, tens of MiB. Before the first thread; from main.
void share_heap();

/// Gives the system what is free. Takes milliseconds; any thread.
void give_back_free_heap();

}  // namespace mailchute
