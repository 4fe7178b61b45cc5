// What each command means when it comes, and when it may come (RFC 5321 4.1).
#include <algorithm>

#include "base/limits.h"
#include "smtp/server_replies.h"
#include "smtp/server_state.h"

namespace mailchute {

namespace {

/// Of one message's recipients; more where so many are permitted that usual ones need more.
constexpr std::size_t kRecipientBytes = 128 * 1024;
constexpr std::size_t kUsualRecipientBytes = 64;

std::size_t weight(const Recipient& recipient) {
  return recipient.mailbox.text().size() + recipient.original.size();
}

enum class Argument { None, Optional, Needed };
/// RFC 2920 3.1: what must be the last of a group. We hold clients to it where bytes behind it could be meant
/// for someone else.
enum class Place { Anywhere, EndOfGroup };

/// The grammar that holds for a command before it is looked at any closer.
struct Rule {
  Verb verb;
  Argument argument;
  Place place;
};

constexpr Rule kGrammar[] = {
    {Verb::Ehlo, Argument::Needed, Place::EndOfGroup},
    {Verb::Helo, Argument::Needed, Place::EndOfGroup},
    {Verb::Mail, Argument::Needed, Place::Anywhere},
    {Verb::Rcpt, Argument::Needed, Place::Anywhere},
    {Verb::Data, Argument::None, Place::EndOfGroup},
    {Verb::Bdat, Argument::Optional, Place::Anywhere},  // RFC 3030 2: its octets follow at once
    {Verb::Rset, Argument::None, Place::Anywhere},
    {Verb::Noop, Argument::Optional, Place::Anywhere},
    {Verb::Vrfy, Argument::Needed, Place::Anywhere},
    {Verb::Help, Argument::Optional, Place::Anywhere},
    {Verb::Quit, Argument::None, Place::Anywhere},        // What follows is not read any more.
    {Verb::Auth, Argument::Optional, Place::EndOfGroup},  // RFC 4954 4; auth() wants it where it is offered
    {Verb::StartTls, Argument::None, Place::EndOfGroup},  // RFC 3207 4
    {Verb::OwnMail, Argument::Optional, Place::Anywhere},
    {Verb::Unoffered, Argument::Optional, Place::Anywhere},
    {Verb::Unknown, Argument::Optional, Place::Anywhere},
};

const Rule& rule_of(Verb verb) {
  return *std::find_if(std::begin(kGrammar), std::end(kGrammar),
                       [&](const Rule& rule) { return rule.verb == verb; });
}

/// What is wrong with the form of the command, if anything.
const Reply* mistake(const Command& command, Line::Fault fault) {
  if (fault == Line::Fault::TooLong) return &replies::kLineTooLong;
  if (fault == Line::Fault::BareCr) return &replies::kBareCr;
  if (fault == Line::Fault::Nul) return &replies::kNul;
  if (command.verb == Verb::Unknown) return &replies::kUnknown;
  if (command.parted_by_tab) return &replies::kNeedsBlank;
  const Argument wanted = rule_of(command.verb).argument;
  if (wanted == Argument::None && !command.argument.empty()) return &replies::kNoArgument;
  if (wanted == Argument::Needed && command.argument.empty()) return &replies::kNeedsArgument;
  return nullptr;
}

bool accepts(const Reply& reply) { return reply.positive() || reply.intermediate(); }

}  // namespace

void ServerSession::State::command(const Line& line) {
  const Command command = parse_command(line.text);
  if (command.verb == Verb::Unknown && is_foreign(line, acquaintance)) return close_with(replies::kForeign);
  // RFC 2920 3.1, and RFC 3207 4, RFC 4954 4: whoever sends more before he has seen our reply does not speak
  // to us.
  if (rule_of(command.verb).place == Place::EndOfGroup && more_follows())
    return close_with(replies::kOutOfTurn);
  if (command.verb != Verb::Unknown) acquaintance = Acquaintance::Known;
  if (const Reply* reply = mistake(command, line.fault))
    // Octets follow a BDAT, nobody knows how many, and would be taken for commands.
    return command.verb == Verb::Bdat ? close_with(*reply) : refuse(*reply);
  carry_out(command);
}

void ServerSession::State::carry_out(const Command& command) {
  switch (command.verb) {
    case Verb::Ehlo:
    case Verb::Helo: return hello(command);
    case Verb::Mail: return mail(command.argument);
    case Verb::Rcpt: return rcpt(command.argument);
    case Verb::Data: return data();
    case Verb::Bdat: return bdat(command.argument);
    case Verb::Rset: return rset();
    case Verb::Noop: return idle_command(replies::kOk);
    case Verb::Vrfy: return idle_command(replies::kCannotVerify);
    case Verb::Help: return idle_command(replies::kHelp);
    case Verb::Quit: return close_with(replies::kBye);  // RFC 5321 4.1.1.10
    case Verb::Auth: return auth(command.argument);
    case Verb::StartTls: return start_tls();
    case Verb::OwnMail: return own_mail(command.argument);
    case Verb::Unoffered: return refuse(replies::kNotOffered);
    case Verb::Unknown: return refuse(replies::kUnknown);
  }
}

void ServerSession::State::hello(const Command& command) {
  const auto name = parse_helo(command.argument);
  if (!name) return refuse(name.error());
  drop_transaction();  // RFC 5321 4.1.4: EHLO means RSET as well
  helo = *name;
  extended = command.verb == Verb::Ehlo;
  say({250, "", extended ? offer() : options.hostname});
}

/// RFC 5321 4.1.1.1: our name, then a line for each extension.
std::string ServerSession::State::offer() const {
  const auto size = options.size_offered != 0 ? options.size_offered : options.message_bytes_max;
  std::string lines = options.hostname;
  if (options.pipelining) lines += "\nPIPELINING";
  lines += "\nSIZE " + std::to_string(size) + "\n8BITMIME\nENHANCEDSTATUSCODES\nDSN";
  if (options.smtputf8) lines += "\nSMTPUTF8";
  if (options.chunking) lines += "\nCHUNKING";
  if (options.starttls == ServerOptions::StartTls::Offered && !options.secured) lines += "\nSTARTTLS";
  if (options.logins != ServerOptions::Logins::None && options.secured) lines += "\nAUTH PLAIN LOGIN";
  return lines;
}

Dialect ServerSession::State::dialect() const {
  return {options.mail_domain, options.message_bytes_max, extended, options.smtputf8,
          options.logins != ServerOptions::Logins::None};
}

void ServerSession::State::mail(std::string_view argument) {
  if (helo.empty()) return refuse(replies::kHelloFirst);
  if (transaction) return refuse(replies::kNestedMail);
  if (options.logins == ServerOptions::Logins::Required && !logged_in)
    return refuse(options.secured ? replies::kLoginNeeded : replies::kTlsFirst);
  auto envelope = parse_mail(argument, dialect());
  if (!envelope) return refuse(envelope.error());
  transaction.emplace().envelope = *std::move(envelope);
  ask(Owed::Sender, server_event::SenderNamed{&transaction->envelope});
}

void ServerSession::State::answer_sender(const Reply& reply) {
  if (accepts(reply)) return say(completed(reply, replies::kSenderOk));
  transaction.reset();
  say(reply);
}

/// Recipients are held several times over until the message is in, on each of many connections. Counted by
/// their number alone, long addresses and original recipients would take ten times the memory of usual ones.
bool ServerSession::State::is_heavy(const Recipient& recipient) const {
  const std::size_t most = std::max(kRecipientBytes, options.recipients_max * kUsualRecipientBytes);
  return transaction->recipient_bytes + weight(recipient) > most;
}

void ServerSession::State::rcpt(std::string_view argument) {
  if (!transaction) return refuse(replies::kMailFirst);
  if (transaction->draft != Handover::None) return refuse(replies::kInChunks);
  auto recipient = parse_rcpt(argument, dialect(), transaction->envelope);
  // Not counted as an error: a list with twenty bad addresses in it is a list, not an attack.
  if (!recipient) return say(recipient.error());
  if (transaction->addresses.contains(recipient->mailbox.text())) return say(replies::kRecipientOk);
  if (transaction->envelope.recipients.size() >= options.recipients_max || is_heavy(*recipient))
    return say(replies::kTooManyRecipients);
  transaction->candidate = *std::move(recipient);
  ask(Owed::Recipient, server_event::RecipientNamed{&transaction->envelope, &*transaction->candidate});
}

void ServerSession::State::answer_recipient(const Reply& reply) {
  auto candidate = std::exchange(transaction->candidate, std::nullopt);
  if (!accepts(reply)) return say(reply);
  transaction->addresses.insert(candidate->mailbox.text());
  transaction->recipient_bytes += weight(*candidate);
  transaction->envelope.recipients.push_back(*std::move(candidate));
  say(completed(reply, replies::kRecipientOk));
}

void ServerSession::State::rset() {
  // RFC 5321 4.1.1.5. Ending a transaction is work; only RSET upon RSET is idling.
  if (!transaction) return idle_command(replies::kOk);
  drop_transaction();
  say(replies::kOk);
}

/// Where it is not offered it is as unknown as to any other server.
void ServerSession::State::own_mail(std::string_view argument) {
  if (options.own_mail == ServerOptions::OwnMail::None) return refuse(replies::kUnknown);
  ask(Owed::OwnMail, server_event::OwnMailAsked{std::string(argument)});
}

void ServerSession::State::idle_command(const Reply& reply) {
  if (++junk >= limits::kSessionJunk) return close_with(replies::kTooMuchIdling);
  say(reply);
}

}  // namespace mailchute
