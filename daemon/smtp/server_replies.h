// What the server side says: the usual replies, each with its rule, and how a reply becomes bytes.
// No reply quotes what the client sent: a server that echoes can be made to speak to someone else (a browser,
// a log). Any thread.
#pragma once

#include <string>
#include <string_view>

#include "mail/reply.h"

namespace mailchute {

/// The reply as it goes on the wire: each line at most 512 bytes with its CRLF (RFC 5321 4.5.3.1.5),
/// printable ASCII only, the code on every line and the enhanced code too (RFC 2034 4). `text` may hold
/// several lines, parted by '\n'.
std::string reply_bytes(const Reply& reply);

/// `reply` with `usual` for its text where the caller left that empty, and the enhanced code that belongs to
/// it.
Reply completed(const Reply& reply, const Reply& usual);

namespace replies {

inline const Reply kOk{250, "2.0.0", "Ok"};
inline const Reply kSenderOk{250, "2.1.0", "Ok"};
inline const Reply kChunkOk{250, "2.0.0", "Chunk taken"};  // RFC 3030 2
inline const Reply kRecipientOk{250, "2.1.5", "Ok"};
inline const Reply kSendContent{354, "", "End data with <CR><LF>.<CR><LF>"};
inline const Reply kBye{221, "2.0.0", "Bye"};
inline const Reply kHelp{214, "2.0.0", "Commands: EHLO HELO MAIL RCPT DATA BDAT RSET NOOP VRFY QUIT"};
inline const Reply kCannotVerify{252, "2.5.2", "Send some mail, it will be tried"};  // RFC 5321 3.5.3
inline const Reply kStartTls{220, "2.0.0", "Ready to start TLS"};                    // RFC 3207 4
inline const Reply kLoggedIn{235, "2.7.0", "Login accepted"};                        // RFC 4954 6

// The client said something that is no command, or not that command.
inline const Reply kUnknown{500, "5.5.1", "Command not recognized"};             // RFC 5321 4.2.4
inline const Reply kNotOffered{502, "5.5.1", "Command not implemented"};         // RFC 5321 4.2.4
inline const Reply kLineTooLong{500, "5.5.2", "Line too long"};                  // RFC 5321 4.5.3.1.9
inline const Reply kBareCr{500, "5.5.2", "CR without LF in a command"};          // RFC 5321 2.3.8
inline const Reply kNul{501, "5.5.2", "NUL in a command"};                       // RFC 5321 4.1.2
inline const Reply kNoArgument{501, "5.5.4", "This command takes no argument"};  // RFC 5321 4.3.2
inline const Reply kNeedsArgument{501, "5.5.4", "This command needs an argument"};
inline const Reply kNeedsBlank{501, "5.5.2", "One blank follows the command"};  // RFC 5321 4.1.1

// The right word at the wrong time.
inline const Reply kHelloFirst{503, "5.5.1", "EHLO first"};                     // RFC 5321 4.1.4
inline const Reply kMailFirst{503, "5.5.1", "MAIL first"};                      // RFC 5321 4.1.4
inline const Reply kNestedMail{503, "5.5.1", "A transaction is open already"};  // RFC 5321 4.1.4
inline const Reply kNoRecipients{554, "5.5.1", "No valid recipients"};          // RFC 5321 3.3
inline const Reply kInChunks{503, "5.5.1", "The message goes by BDAT"};         // RFC 3030 2
inline const Reply kTooManyRecipients{452, "4.5.3", "Too many recipients"};     // RFC 5321 4.5.3.1.10

// The content could be read, but not taken.
inline const Reply kTooLarge{552, "5.3.4", "Message too large"};  // RFC 5321 4.5.3.1.9, RFC 1870 6.3
inline const Reply kNulInContent{550, "5.6.0", "The message holds a NUL byte"};  // RFC 5321 2.3.8, 4.5.2

// Logins.
inline const Reply kLoginNeeded{530, "5.7.0", "Login needed"};                          // RFC 4954 6
inline const Reply kTlsFirst{530, "5.7.0", "Must issue a STARTTLS command first"};      // RFC 3207 4
inline const Reply kTlsNeeded{538, "5.7.11", "Encryption needed for logins"};           // RFC 4954 6
inline const Reply kLoggedInAlready{503, "5.5.1", "Logged in already"};                 // RFC 4954 4
inline const Reply kNoLoginNow{503, "5.5.1", "No login within a transaction"};          // RFC 4954 4
inline const Reply kMechanism{504, "5.5.4", "Mechanism not offered"};                   // RFC 4954 4
inline const Reply kBadLogin{501, "5.5.2", "This is not a login"};                      // RFC 4954 4
inline const Reply kLoginTooLong{500, "5.5.6", "This login is too long"};               // RFC 4954 6
inline const Reply kLoginCancelled{501, "5.0.0", "Login cancelled"};                    // RFC 4954 4
inline const Reply kLoginRefused{535, "5.7.8", "Login refused"};                        // RFC 4954 6
inline const Reply kSecuredAlready{503, "5.5.1", "The connection is secured already"};  // RFC 3207 4.2

// The last words of a connection.
inline const Reply kOutOfTurn{554, "5.5.0", "You spoke out of turn"};  // RFC 2920 3.1, RFC 5321 4.3.1
inline const Reply kForeign{554, "5.5.0", "This is an SMTP server"};
inline const Reply kTooManyErrors{421, "4.7.0", "Too many errors"};  // RFC 5321 3.8
inline const Reply kTooMuchIdling{421, "4.7.0", "Too many commands without mail"};
inline const Reply kTooManyLogins{421, "4.7.0", "Too many failed logins"};
inline const Reply kTimeout{421, "4.4.2", "Timeout"};                              // RFC 5321 4.5.3.2.7
inline const Reply kStopping{421, "4.3.2", "The service is stopping, try again"};  // RFC 5321 3.8

}  // namespace replies

}  // namespace mailchute
