// What the process keeps mapped of its program and libraries: code that runs once, at start, would count as
// its memory for months.
#pragma once

namespace mailchute {

/// Lets go of every page of code and constants of the program and its libraries. What still runs is mapped
/// again when it is next touched, from the page cache, some microseconds for 64 KiB; so call it when much has
/// run that will not run again soon. Breakpoints set before it are lost. Any thread.
void let_go_of_program_text();

}  // namespace mailchute
