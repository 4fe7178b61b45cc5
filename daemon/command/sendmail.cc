#include "command/sendmail.h"

#include <fcntl.h>
#include <unistd.h>

#include <set>
#include <string_view>
#include <utility>

#include "base/exit_codes.h"
#include "base/text.h"
#include "command/calling_user.h"
#include "command/console.h"
#include "command/given_message.h"
#include "command/sendmail_arguments.h"
#include "command/sendmail_modes.h"
#include "command/submission.h"
#include "command/submit_place.h"
#include "command/typed_address.h"
#include "mail/encoded_word.h"
#include "mail/header.h"
#include "mail/header_recipients.h"

namespace mailchute {

namespace {

/// What is read and thrown away of a message that will not be taken.
constexpr std::uint64_t kDrainBytes = 64ULL << 20;

/// Entries of a header that are shown when they are no addresses.
constexpr std::size_t kWrongShown = 3;

int refuse(const Error& error) {
  // Who calls sendmail may try again, and knows only by the status that it is worth it.
  const int status = error.code == exit_code::kNotRunning ? exit_code::kTryLater : error.code;
  say("sendmail: " + error.text + " (nothing was queued; the text is still with the program that sent it)");
  return status;
}

/// Everything about the message but its content.
Result<OutgoingMessage> envelope_of(const SendmailRequest& request, const CallingUser& user) {
  OutgoingMessage message;
  message.sender = user.mailbox;
  if (request.sender) message.sender = TRY(typed_sender(*request.sender));
  for (const std::string& word : request.recipients)
    for (Mailbox& mailbox : TRY(typed_recipients(word)))
      message.recipients.push_back({std::move(mailbox), request.notify, {}});
  const bool by_header = request.named == SendmailRequest::Named::ByHeaderToo;
  if (message.recipients.empty() && !by_header)
    return fail("no recipients: name them behind the flags, or take them from the header with -t",
                exit_code::kBadData);
  message.body = request.body;
  message.ret = request.ret;
  message.envelope_id = request.envelope_id;
  return message;
}

Error not_addresses(const std::vector<std::string>& wrong) {
  std::string text = "the header names a recipient that is no address:";
  for (std::size_t at = 0; at < wrong.size() && at < kWrongShown; ++at)
    text += (at == 0 ? " '" : ", '") + printable(wrong[at], 100) + "'";
  if (wrong.size() > kWrongShown) text += " and " + std::to_string(wrong.size() - kWrongShown) + " more";
  return Error(text, exit_code::kBadData);
}

/// Beside those that were typed, as Postfix does it: mail that goes to one too many is found sooner than mail
/// that goes to one too few.
Result<void> add_header_recipients(std::string_view header, const Notify& notify, OutgoingMessage& message) {
  HeaderRecipients named = header_recipients(header);
  if (!named.wrong.empty()) return tl::unexpected(not_addresses(named.wrong));
  for (Mailbox& mailbox : named.mailboxes) message.recipients.push_back({std::move(mailbox), notify, {}});
  if (message.recipients.empty())
    return fail("the header names no recipients (To, Cc or Bcc)", exit_code::kBadData);
  return {};
}

void drop_repeated(std::vector<Recipient>& recipients) {
  std::set<std::string> seen;
  std::erase_if(recipients,
                [&](const Recipient& recipient) { return !seen.insert(recipient.mailbox.text()).second; });
}

/// RFC 5322 3.6.2 wants the field, and the daemon knows only the user's number.
std::string from_line(const SendmailRequest& request, const CallingUser& user,
                      const std::optional<Mailbox>& sender) {
  const Mailbox& mailbox = sender ? *sender : user.mailbox;
  const std::string address = "<" + mailbox.text() + ">";
  const std::string name = phrase(request.full_name.value_or(user.full_name));
  if (mailbox.needs_utf8()) return "From: " + address + "\r\n";  // RFC 6532; header_line() writes ASCII
  return header_line("From", {name.empty() ? address : name + " " + address});
}

/// The header as it is sent.
std::string header_to_send(const SendmailRequest& request, const CallingUser& user, const GivenMessage& given,
                           const std::optional<Mailbox>& sender) {
  std::string header = given.header();
  if (request.named == SendmailRequest::Named::ByHeaderToo) header = without_blind_copies(header);
  if (!has_field(header, "From")) header.insert(0, from_line(request, user, sender));
  return header;
}

Result<std::string> hand_over(const SendmailRequest& request, const CallingUser& user,
                              OutgoingMessage message) {
  SubmitPlace place = submit_place();
  GivenMessage given(place.limits);
  TRY_VOID(read_whole(STDIN_FILENO, given));
  if (request.named == SendmailRequest::Named::ByHeaderToo)
    TRY_VOID(add_header_recipients(given.header(), request.notify, message));
  drop_repeated(message.recipients);
  std::string header = header_to_send(request, user, given, message.sender);
  if (given.eight_bit()) message.body = Body::EightBit;
  message.bytes = header.size() + given.rest().size();
  Transcript transcript;
  if (request.talk == SendmailRequest::Talk::Transcript)
    transcript = [](std::string_view line) { print(std::string(line) + "\n"); };
  ContentPieces pieces = [&header, &given]() -> Result<std::string> {
    if (!header.empty()) return std::exchange(header, {});
    return given.rest().next_piece();
  };
  auto id = submit(place.socket, std::move(message), std::move(pieces), std::move(transcript));
  if (!id && !place.note.empty()) return fail(id.error().text + "; " + place.note, id.error().code);
  return id;
}

int deliver(const SendmailRequest& request) {
  const CallingUser user = calling_user();
  auto message = envelope_of(request, user);
  if (!message) {
    drain(STDIN_FILENO, kDrainBytes);
    return refuse(message.error());
  }
  const auto id = hand_over(request, user, std::move(*message));
  if (!id) {
    drain(STDIN_FILENO, kDrainBytes);
    return refuse(id.error());
  }
  // Queued is queued, whatever became of the transcript: for another status the caller would send it again.
  finish(0);
  return 0;
}

/// A descriptor below 3 that is closed would be given to the socket, and the transcript be said to the
/// daemon. What takes its place fails as it would: an input that is not there is no empty message.
void fill_standard_descriptors() {
  for (int descriptor = 0; descriptor <= 2; ++descriptor)
    if (::fcntl(descriptor, F_GETFD) == -1)
      (void)::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int run_sendmail(const SendmailRequest& request) {
  switch (request.mode) {
    case SendmailMode::Deliver: return deliver(request);
    case SendmailMode::SpeakSmtp: return speak_smtp();
    case SendmailMode::ListQueue: return list_mail();
    case SendmailMode::CheckAliases: return check_aliases();
    case SendmailMode::ShowWay: return show_way(request.recipients);
    case SendmailMode::TryNow: return try_now(request);
  }
  return exit_code::kBadData;
}

}  // namespace

std::optional<int> run_by_name(const std::string& called, const std::vector<std::string>& words) {
  const std::string name = called.substr(called.rfind('/') + 1);
  if (name != "sendmail" && name != "mailq" && name != "newaliases") return std::nullopt;
  fill_standard_descriptors();
  auto request = parse_sendmail(words);
  if (!request) {
    drain(STDIN_FILENO, name == "sendmail" ? kDrainBytes : 0);
    say(name + ": " + request.error().text);
    return request.error().code;
  }
  if (name == "mailq") request->mode = SendmailMode::ListQueue;
  if (name == "newaliases") request->mode = SendmailMode::CheckAliases;
  return run_sendmail(*request);
}

}  // namespace mailchute
