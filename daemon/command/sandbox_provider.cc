#include "command/sandbox_provider.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/exit_codes.h"
#include "base/text.h"

namespace mailchute {

namespace {

constexpr std::array<std::string_view, 6> kStages = {"connect", "login", "mail", "rcpt", "data", "end"};

/// Takes the first word off `rest`.
std::string_view word(std::string_view& rest) {
  rest = trim(rest);
  const auto end = std::min(rest.find(' '), rest.size());
  const std::string_view taken = rest.substr(0, end);
  rest = trim(rest.substr(end));
  return taken;
}

bool read_which(std::string_view which, SandboxFault& fault) {
  if (which == "*") {
    fault.last = ~0UL;
    return true;
  }
  const auto dash = which.find('-');
  const auto first = parse_unsigned(which.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_unsigned(which.substr(dash + 1));
  if (!first || !last || *first == 0 || *last < *first) return false;
  fault.first = *first;
  fault.last = *last;
  return true;
}

Result<SandboxFault> parse_line(std::string_view line) {
  SandboxFault fault;
  fault.stage = lower(word(line));
  if (std::find(kStages.begin(), kStages.end(), fault.stage) == kStages.end())
    return fail("unknown stage '" + printable(fault.stage) + "': connect, login, mail, rcpt, data or end",
                65);
  if (!read_which(word(line), fault))
    return fail("which occurrence? 2, 1-3 or * comes behind the stage", exit_code::kBadData);
  const auto code = parse_unsigned(word(line));
  if (!code || *code < 400 || *code > 599)
    return fail("a reply from 400 to 599 comes third", exit_code::kBadData);
  fault.reply.code = static_cast<int>(*code);
  fault.reply.text = std::string(line.empty() ? std::string_view("as scripted") : line);
  return fault;
}

}  // namespace

Result<std::vector<SandboxFault>> parse_sandbox_script(std::string_view text) {
  std::vector<SandboxFault> faults;
  int number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    line = trim(line);
    if (line.empty() || line.front() == '#') continue;
    auto fault = parse_line(line);
    if (!fault)
      return fail("line " + std::to_string(number) + ": " + fault.error().text, exit_code::kBadData);
    faults.push_back(std::move(*fault));
  }
  return faults;
}

SandboxProvider::SandboxProvider(Profile profile, std::string user, std::string password,
                                 std::vector<SandboxFault> faults)
    : profile_(profile), user_(std::move(user)), password_(std::move(password)), faults_(std::move(faults)) {}

std::string SandboxProvider::hostname() const {
  return profile_ == Profile::Qq ? "newxmesmtplogicsvrszb20-0.qq.com" : "sandbox.localhost";
}

std::string SandboxProvider::greeting() const {
  return profile_ == Profile::Qq ? hostname() + " XMail Esmtp QQ Mail Server." : std::string();
}

std::optional<Reply> SandboxProvider::scripted(const std::string& stage) {
  const unsigned long number = ++seen_[stage];
  const auto found = std::find_if(faults_.begin(), faults_.end(), [&](const SandboxFault& fault) {
    return fault.stage == stage && fault.first <= number && number <= fault.last;
  });
  if (found == faults_.end()) return std::nullopt;
  return found->reply;
}

std::optional<Reply> SandboxProvider::connect() { return scripted("connect"); }

Reply SandboxProvider::login(const std::string& user, std::string_view password) {
  if (auto reply = scripted("login")) return *reply;
  if (equal_nocase(user, user_) && password == password_) return {235, "", "Authentication successful"};
  if (profile_ != Profile::Qq) return {535, "5.7.8", "Authentication credentials invalid"};
  // One text for five causes, as the real one: a relay must not conclude more from it than is there.
  return {
      535, "",
      "Login fail. Account is abnormal, service is not open, password is incorrect, login frequency limited, "
      "or system is busy."};
}

Reply SandboxProvider::sender(const std::string& address) {
  if (auto reply = scripted("mail")) return *reply;
  if (profile_ == Profile::Qq && !equal_nocase(address, user_))
    return {501, "", "Mail from address must be same as authorization user."};
  return {250, "", profile_ == Profile::Qq ? "OK." : ""};
}

Reply SandboxProvider::recipient() { return scripted("rcpt").value_or(Reply{250, "", ""}); }

Reply SandboxProvider::data() { return scripted("data").value_or(Reply{354, "", ""}); }

Reply SandboxProvider::end(unsigned long message_number) {
  if (auto reply = scripted("end")) return *reply;
  if (profile_ == Profile::Qq) return {250, "", "OK: queued as."};
  return {250, "2.0.0", "Ok: queued as sandbox-" + std::to_string(message_number)};
}

}  // namespace mailchute
