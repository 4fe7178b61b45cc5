#include "mail/notice_words.h"

#include "base/text.h"
#include "mail/notice_status.h"
#include "mail/trace.h"

namespace mailchute {

namespace {

constexpr std::size_t kLineBytes = 74;  // so that quoted-printable breaks none of them again

constexpr char kTellTheKeeper[] =
    "Your own address was not accepted. Please tell the person who looks after this machine: the mail "
    "provider must know the address that mail is sent from.";

/// RFC 3463 subject and detail, or a longer beginning of them, in words that help. First match wins; the
/// empty one takes the rest.
struct Advice {
  std::string_view status;
  const char* text;
};
constexpr Advice kAdvice[] = {
    {".1.8", kTellTheKeeper},
    {".1.7", kTellTheKeeper},
    {".1.", "Please check the address for a mistake, and send the message again to the right one."},
    {".2.2",
     "The recipient's mailbox is full. Please tell the recipient in another way, and send the message again "
     "later."},
    {".2.",
     "The recipient's mailbox does not take mail at present. Please reach the recipient in another way."},
    {".3.4",
     "The message is too large. Please send it without its attachments, or share them in another way."},
    {".4.7",
     "Please check the address and send the message again. If it fails again, reach the recipient in another "
     "way."},
    {".4.", "Please send the message again later."},
    {".6.",
     "The recipient's side cannot handle this kind of message. Please send it in a simpler form, as plain "
     "text."},
    {".7.",
     "The message was refused by a rule of the mail provider or of the recipient's side. The words above "
     "usually say which. If they do not help, please show this notice to the person who looks after this "
     "machine."},
    {"",
     "The words above usually say why. If they do not help, please show this notice to the person who looks "
     "after this machine."},
};

/// Whose words follow, and at which point they fell.
std::string who_spoke(const NoticeRecipient& recipient) {
  const std::string host = recipient.upstream_host.empty() ? "" : " " + safe_host(recipient.upstream_host);
  if (recipient.reply.code == 0) return "What happened" + (host.empty() ? "" : " with" + host) + ":";
  return "The mail server" + host + " answered:";
}

const char* whose_trouble(Blame blame) {
  switch (blame) {
    case Blame::Recipient: return "This is about this recipient alone.";
    case Blame::Message: return "This is about the message itself, not about the recipient's address.";
    case Blame::Sender: return "This is about the address that the message was sent from.";
    case Blame::Upstream:
      return "This is a trouble between this machine and its mail provider; neither your message nor the "
             "recipient's address is the cause.";
  }
  return "";
}

}  // namespace

std::string paragraph(std::string_view text, std::size_t indent) {
  std::string out;
  std::string line;
  for (std::string_view word : split(text, ' ')) {
    if (word.empty()) continue;
    if (!line.empty() && indent + line.size() + 1 + word.size() > kLineBytes) {
      out += std::string(indent, ' ') + line + "\r\n";
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  return out + std::string(indent, ' ') + line + "\r\n";
}

std::string reply_text(const NoticeRecipient& recipient) {
  if (recipient.reply == Reply{}) return {};
  std::string out = paragraph(who_spoke(recipient), 4) + paragraph(reply_line(recipient.reply), 6);
  if (!recipient.explanation.empty()) return out + paragraph(recipient.explanation, 4);
  const bool nobodys = recipient.in_doubt || recipient.action == NoticeRecipient::Action::Relayed;
  return nobodys ? out : out + paragraph(whose_trouble(recipient.blame), 4);
}

std::string refusers_text(const NoticeRecipient& recipient) {
  std::string out;
  for (const std::string& host : recipient.refusers)
    out += paragraph(safe_host(host) + " was asked before, and cannot take a message like this either.", 4);
  return out;
}

const char* advice(const NoticeRecipient& recipient) {
  if (recipient.in_doubt)
    return "The connection broke after the whole message had been sent, so it may have arrived all the same. "
           "Please ask the recipient before you send it again.";
  const std::string status = status_code(recipient);
  for (const Advice& entry : kAdvice)
    if (std::string_view(status).substr(1).starts_with(entry.status)) return entry.text;
  return "";
}

}  // namespace mailchute
