// Failure by value: every function that can fail returns a Result, and TRY hands a failure to the caller.
// Not for what a remote server says: that is a Verdict (mail/verdict.h). Any thread.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace mailchute {

/// What we tried, with what, and why it did not work; written for the operator, without secrets.
/// `code` is the process exit status it should end with when it reaches a command (sysexits.h).
struct Error {
  std::string text;
  int code = 70;

  explicit Error(std::string what, int exit_code = 70) : text(std::move(what)), code(exit_code) {}
};

/// Either a value or an Error.
template <typename T>
using Result = tl::expected<T, Error>;

/// A failed Result of any type: `return fail("cannot open queue " + path + ": disk full", 74);`
inline tl::unexpected<Error> fail(std::string text, int code = 70) {
  return tl::unexpected<Error>(Error(std::move(text), code));
}

namespace detail {
[[noreturn]] inline void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "mailchute: internal error: %s (%s:%d)\n", condition, file, line);
  std::abort();
}
}  // namespace detail

}  // namespace mailchute

/// `auto mailbox = TRY(Mailbox::parse(word));` leaves the function with the same failure. A GNU statement
/// expression: both compilers we support have it, and nothing else keeps the good path at the left margin.
#define TRY(expression)                                                      \
  __extension__({                                                            \
    auto try_result_ = (expression);                                         \
    if (!try_result_) return tl::unexpected(std::move(try_result_).error()); \
    std::move(*try_result_);                                                 \
  })

/// The same for a Result<void>.
#define TRY_VOID(expression)                                                 \
  do {                                                                       \
    auto try_result_ = (expression);                                         \
    if (!try_result_) return tl::unexpected(std::move(try_result_).error()); \
  } while (false)

/// For what cannot happen whatever a peer or a disk does; ends the process, which systemd starts again.
#define CHECK(condition)                               \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::mailchute::detail::check_failed(#condition, __FILE__, __LINE__))
