// The exit statuses of the commands, which are also the codes of an Error (base/result.h): those of
// sysexits.h, by what they mean here. Callers of sendmail decide by them whether to try again. Any thread.
#pragma once

namespace mailchute::exit_code {

inline constexpr int kNo = 1;           ///< a check said no, or nothing matched
inline constexpr int kUsage = 64;       ///< EX_USAGE: words of the command line that cannot be understood
inline constexpr int kBadData = 65;     ///< EX_DATAERR: what was given to read is not what it should be
inline constexpr int kNoInput = 66;     ///< EX_NOINPUT: what should be read is not there
inline constexpr int kBadAddress = 67;  ///< EX_NOUSER: an address that cannot be one
inline constexpr int kNoSuchAddress =
    68;  ///< EX_NOHOST: this machine lacks the address (no ::1), the socket is not there
inline constexpr int kNotRunning = 69;     ///< EX_UNAVAILABLE: the daemon does not run
inline constexpr int kInternal = 70;       ///< EX_SOFTWARE: a mistake of ours
inline constexpr int kSystem = 71;         ///< EX_OSERR: the system gives no process, no memory
inline constexpr int kCannotCreate = 73;   ///< EX_CANTCREAT: a file or a socket that cannot be made
inline constexpr int kInputOutput = 74;    ///< EX_IOERR: reading or writing failed halfway
inline constexpr int kTryLater = 75;       ///< EX_TEMPFAIL: nothing is wrong with what was given; try again
inline constexpr int kPermission = 77;     ///< EX_NOPERM: not allowed to this user
inline constexpr int kConfiguration = 78;  ///< EX_CONFIG: the configuration must be mended first

}  // namespace mailchute::exit_code
