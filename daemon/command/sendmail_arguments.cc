#include "command/sendmail_arguments.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/exit_codes.h"
#include "base/text.h"
#include "mail/xtext.h"

namespace mailchute {

namespace {

constexpr std::size_t kEnvelopeIdBytes = 100;  // RFC 3461 4.4

/// Whether a flag has a value, and where: Needed stands behind the letter or in the next word, Glued behind
/// the letter or nowhere.
enum class Value { None, Needed, Glued };

using Act = Result<void> (*)(SendmailRequest&, const std::string& value);

Result<void> nothing(SendmailRequest&, const std::string&) { return {}; }
Result<void> mode(SendmailRequest& request, const std::string& value);
Result<void> body_type(SendmailRequest& request, const std::string& value);
Result<void> full_name(SendmailRequest& request, const std::string& value);
Result<void> sender(SendmailRequest& request, const std::string& value);
Result<void> check_aliases(SendmailRequest& request, const std::string& value);
Result<void> notify(SendmailRequest& request, const std::string& value);
Result<void> return_part(SendmailRequest& request, const std::string& value);
Result<void> try_now(SendmailRequest& request, const std::string& value);
Result<void> header_recipients_too(SendmailRequest& request, const std::string& value);
Result<void> transcript(SendmailRequest& request, const std::string& value);
Result<void> envelope_id(SendmailRequest& request, const std::string& value);

struct Flag {
  char letter;
  Value value;
  Act act;
};

/// A letter that is not here is refused.
constexpr Flag kFlags[] = {
    {'A', Value::Needed, &nothing},  // which configuration: -Ac, -Am
    {'B', Value::Needed, &body_type},
    {'C', Value::Needed, &nothing},  // a configuration file: never opened
    {'F', Value::Needed, &full_name},
    {'G', Value::None, &nothing},  // relayed, not submitted
    {'I', Value::None, &check_aliases},
    {'L', Value::Needed, &nothing},  // a tag for the log
    {'N', Value::Needed, &notify},
    {'O', Value::Needed, &nothing},  // an option of theirs, in words
    {'R', Value::Needed, &return_part},
    {'U', Value::None, &nothing},  // submitted, not relayed
    {'V', Value::Needed, &envelope_id},
    {'X', Value::Needed, &nothing},  // a file for traffic: never opened
    {'b', Value::Needed, &mode},
    {'d', Value::Glued, &nothing},   // debugging
    {'e', Value::Needed, &nothing},  // what to do with errors: we say them and exit
    {'f', Value::Needed, &sender},
    {'h', Value::Needed, &nothing},  // hops so far: Received: tells
    {'i', Value::None, &nothing},    // a lone dot is no end: it never is
    {'m', Value::None, &nothing},    // me too
    {'n', Value::None, &nothing},    // no aliases
    {'o', Value::Needed, &nothing},  // an option of theirs, in letters: -oi, -oem, -odi
    {'p', Value::Needed, &nothing},  // the protocol it came by
    {'q', Value::Glued, &try_now},
    {'r', Value::Needed, &sender},
    {'t', Value::None, &header_recipients_too},
    {'v', Value::None, &transcript},
};

struct Mode {
  char letter;
  SendmailMode mode;
};

/// What -b may ask for; the rest of sendmail's are a daemon's business (-bd, -bD) or a developer's (-bt, -bh,
/// -bH).
constexpr Mode kModes[] = {
    {'i', SendmailMode::CheckAliases}, {'m', SendmailMode::Deliver}, {'p', SendmailMode::ListQueue},
    {'s', SendmailMode::SpeakSmtp},    {'v', SendmailMode::ShowWay},
};

constexpr char kAdvice[] = "; next: man mailchute-sendmail";

auto misused(const std::string& what) { return fail(what + kAdvice, exit_code::kUsage); }

/// What would break a header or a log, or hide in one.
bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

/// Goes through the words as getopt(3) does, until the first that is no flag.
class Words {
 public:
  explicit Words(const std::vector<std::string>& words) : words_(words) {}

  Result<SendmailRequest> read();

 private:
  Result<void> read_flags(const std::string& word);
  Result<void> read_recipients();

  const std::vector<std::string>& words_;
  std::size_t at_ = 0;
  SendmailRequest request_;
};

Result<SendmailRequest> Words::read() {
  enum class Flags { MayCome, Over } flags = Flags::MayCome;
  while (at_ < words_.size() && flags == Flags::MayCome) {
    const std::string& word = words_[at_];
    if (word.size() < 2 || word.front() != '-') break;
    ++at_;
    if (word == "--")
      flags = Flags::Over;
    else
      TRY_VOID(read_flags(word));
  }
  if (flags == Flags::MayCome) TRY_VOID(read_recipients());
  request_.recipients.assign(words_.begin() + static_cast<std::ptrdiff_t>(at_), words_.end());
  return std::move(request_);
}

/// Where no `--` stands, a word that looks like a flag is not taken for a recipient, nor the other way: it
/// may come from somebody who should have no say in either.
Result<void> Words::read_recipients() {
  const auto found = std::find_if(words_.begin() + static_cast<std::ptrdiff_t>(at_), words_.end(),
                                  [](const std::string& word) { return word.starts_with('-'); });
  if (found == words_.end()) return {};
  return misused("'" + printable(*found) +
                 "' stands among the recipients: flags go first, and -- before a "
                 "recipient that begins so");
}

/// `-ti`, `-tf me@example.com`: letters without a value may share a word.
Result<void> Words::read_flags(const std::string& word) {
  for (std::size_t at = 1; at < word.size(); ++at) {
    const auto* flag = std::find_if(std::begin(kFlags), std::end(kFlags),
                                    [&](const Flag& each) { return each.letter == word[at]; });
    if (flag == std::end(kFlags)) return misused("the flag '" + printable(word) + "' is not known here");
    if (flag->value == Value::None) {
      TRY_VOID(flag->act(request_, {}));
      continue;
    }
    const bool glued = at + 1 < word.size();
    const bool next = !glued && flag->value == Value::Needed;
    if (next && at_ == words_.size())
      return misused("a value is missing behind -" + std::string(1, word[at]));
    return flag->act(request_, next ? words_[at_++] : word.substr(at + 1));
  }
  return {};
}

Result<void> mode(SendmailRequest& request, const std::string& value) {
  const auto* found = std::find_if(std::begin(kModes), std::end(kModes), [&](const Mode& each) {
    return value.size() == 1 && each.letter == value.front();
  });
  if (found == std::end(kModes))
    return misused("-b" + printable(value) + " is not done by this program" +
                   (value == "d" || value == "D" ? ": the daemon is `mailchute run`" : ""));
  request.mode = found->mode;
  return {};
}

Result<void> body_type(SendmailRequest& request, const std::string& value) {
  if (equal_nocase(value, "8BITMIME"))
    request.body = Body::EightBit;
  else if (equal_nocase(value, "7BIT"))
    request.body = Body::SevenBit;
  else
    return misused("-B is followed by 7BIT or 8BITMIME, not by '" + printable(value) + "'");
  return {};
}

Result<void> full_name(SendmailRequest& request, const std::string& value) {
  if (has_control(value))
    return fail("the name behind -F has a control character in it", exit_code::kBadData);
  request.full_name = value;
  return {};
}

Result<void> sender(SendmailRequest& request, const std::string& value) {
  request.sender = value;
  return {};
}

Result<void> check_aliases(SendmailRequest& request, const std::string&) {
  request.mode = SendmailMode::CheckAliases;
  return {};
}

/// RFC 3461 4.1.
Result<void> notify(SendmailRequest& request, const std::string& value) {
  Notify wanted;
  for (const std::string_view word : split(value, ',')) {
    if (equal_nocase(word, "never"))
      wanted.never = true;
    else if (equal_nocase(word, "success"))
      wanted.success = true;
    else if (equal_nocase(word, "failure"))
      wanted.failure = true;
    else if (equal_nocase(word, "delay"))
      wanted.delay = true;
    else
      return misused("-N is followed by never, or by some of success, failure and delay with commas between");
  }
  if (wanted.never && (wanted.success || wanted.failure || wanted.delay))
    return misused("-N never stands alone");
  request.notify = wanted;
  return {};
}

Result<void> return_part(SendmailRequest& request, const std::string& value) {
  if (equal_nocase(value, "full"))
    request.ret = Return::Full;
  else if (equal_nocase(value, "hdrs"))
    request.ret = Return::Headers;
  else
    return misused("-R is followed by full or hdrs, not by '" + printable(value) + "'");
  return {};
}

Result<void> envelope_id(SendmailRequest& request, const std::string& value) {
  const std::string encoded = xtext_encode(value);
  if (has_control(value) || encoded.size() > kEnvelopeIdBytes)
    return fail("the envelope id behind -V is longer than " + std::to_string(kEnvelopeIdBytes) +
                    " bytes, or has a control character in it",
                exit_code::kBadData);
  request.envelope_id = encoded;
  return {};
}

/// -q30m makes a daemon of sendmail; here there is one already.
Result<void> try_now(SendmailRequest& request, const std::string& value) {
  request.mode = SendmailMode::TryNow;
  if (value.empty() || value == "f") return {};
  const std::string part = value.substr(1);
  std::string* const filter = value.front() == 'I'   ? &request.queue_id
                              : value.front() == 'R' ? &request.queue_recipient
                              : value.front() == 'S' ? &request.queue_sender
                                                     : nullptr;
  if (filter == nullptr || part.empty())
    return misused("-q" + printable(value) +
                   " is not done by this program: the daemon tries by itself; -q tries all"
                   " now, -qI, -qR and -qS some");
  *filter = part;
  return {};
}

Result<void> header_recipients_too(SendmailRequest& request, const std::string&) {
  request.named = SendmailRequest::Named::ByHeaderToo;
  return {};
}

Result<void> transcript(SendmailRequest& request, const std::string&) {
  request.talk = SendmailRequest::Talk::Transcript;
  return {};
}

}  // namespace

Result<SendmailRequest> parse_sendmail(const std::vector<std::string>& words) { return Words(words).read(); }

}  // namespace mailchute
