#include <fstream>
#include <optional>
#include <utility>

#include "base/text.h"
#include "dialog/dialog.h"

namespace mailchute::test {

namespace {

using Lines = std::vector<std::pair<int, std::string>>;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

/// The byte that an escape at `at` stands for; moves behind it.
char take_escaped(std::string_view text, std::size_t& at) {
  const char c = text[at++];
  if (c != '\\' || at >= text.size()) return c;
  const char kind = text[at++];
  switch (kind) {
    case 'r': return '\r';
    case 'n': return '\n';
    case 't': return '\t';
    case '0': return '\0';
    case '\\': return '\\';
    case 'x': break;
    default: at -= 1; return c;
  }
  if (at + 2 > text.size()) return kind;
  const char byte = static_cast<char>(hex_value(text[at]) * 16 + hex_value(text[at + 1]));
  at += 2;
  return byte;
}

/// `{A*1000}` at `at`, if that is what stands there; moves behind it.
std::optional<std::string> take_run(std::string_view text, std::size_t& at) {
  if (text[at] != '{') return std::nullopt;
  std::size_t behind = at + 1;
  if (behind >= text.size()) return std::nullopt;
  const char byte = take_escaped(text, behind);
  const auto end = text.find('}', behind);
  if (end == std::string_view::npos || text[behind] != '*') return std::nullopt;
  const auto count = parse_unsigned(text.substr(behind + 1, end - behind - 1));
  if (!count || *count > 10'000'000) return std::nullopt;
  at = end + 1;
  return std::string(*count, byte);
}

std::string unescaped(std::string_view text) {
  std::string bytes;
  for (std::size_t at = 0; at < text.size();) {
    if (const auto run = take_run(text, at))
      bytes += *run;
    else
      bytes += take_escaped(text, at);
  }
  return bytes;
}

/// The first word and what follows the blank behind it.
std::pair<std::string_view, std::string_view> cut_word(std::string_view text) {
  const auto blank = text.find(' ');
  if (blank == std::string_view::npos) return {text, {}};
  return {text.substr(0, blank), text.substr(blank + 1)};
}

Result<int> read_code(std::string_view word) {
  const auto code = parse_unsigned(word);
  if (!code || *code < 200 || *code > 599) return fail("a reply code is needed");
  return static_cast<int>(*code);
}

Result<Question> read_question(std::string_view word) {
  if (word == "sender") return Question::Sender;
  if (word == "recipient") return Question::Recipient;
  if (word == "begin") return Question::Begin;
  if (word == "message") return Question::Message;
  if (word == "login") return Question::Login;
  return fail("nothing asks for a " + std::string(word));
}

Result<step::Answer> read_answer(std::string_view text) {
  const auto [question, reply] = cut_word(text);
  const auto [code, words] = cut_word(reply);
  const auto [enhanced, rest] = cut_word(words);
  return step::Answer{TRY(read_question(question)),
                      {TRY(read_code(code)), std::string(enhanced), std::string(rest)}};
}

Result<void> set_option(ServerOptions& options, std::string_view text) {
  const auto [name, value] = cut_word(text);
  const auto number = parse_unsigned(value).value_or(0);
  const bool on = value == "on";
  if (name == "message_size")
    options.message_bytes_max = number;
  else if (name == "recipients")
    options.recipients_max = number;
  else if (name == "secured")
    options.secured = on;
  else if (name == "smtputf8")
    options.smtputf8 = on;
  else if (name == "chunking")
    options.chunking = on;
  else if (name == "starttls")
    options.starttls = on ? ServerOptions::StartTls::Offered : ServerOptions::StartTls::None;
  else if (name == "logins")
    options.logins = value == "required" ? ServerOptions::Logins::Required : ServerOptions::Logins::Offered;
  else
    return fail("there is no option " + std::string(name));
  return {};
}

Result<Lines> read_lines(const std::string& path) {
  std::ifstream file(path);
  if (!file) return fail("cannot open " + path);
  Lines lines;
  int number = 0;
  for (std::string line; std::getline(file, line);) lines.emplace_back(++number, line);
  return lines;
}

/// Lines with their repetitions written out.
Result<Lines> expanded(const Lines& lines) {
  Lines out;
  std::size_t block = 0;
  std::uint64_t times = 0;
  for (const auto& line : lines) {
    const auto [word, rest] = cut_word(line.second);
    if (word == "repeat") {
      times = parse_unsigned(rest).value_or(0);
      block = out.size();
      if (times == 0) return fail("repeat needs a number");
    } else if (word == "end") {
      const Lines repeated(out.begin() + static_cast<std::ptrdiff_t>(block), out.end());
      for (; times > 1; --times) out.insert(out.end(), repeated.begin(), repeated.end());
    } else {
      out.push_back(line);
    }
  }
  return out;
}

Result<void> read_line(Dialog& dialog, int number, const std::string& line) {
  const auto [word, rest] = cut_word(line);
  const auto add = [&, n = number](auto what) { dialog.steps.push_back({n, std::move(what)}); };
  if (word.empty() || word.starts_with('#')) return {};
  if (word == "->")
    add(step::Say{unescaped(rest) + "\r\n"});
  else if (word == "=>")
    add(step::Say{unescaped(rest)});
  else if (word == "<-" || word == "<?")
    add(step::Reply{TRY(read_code(rest.substr(0, 3))), std::string(cut_word(rest).second)});
  else if (word == "<+")
    add(step::Line{std::string(rest)});
  else if (line == "<. closed")
    add(step::Closed{});
  else if (line == "<. silent")
    add(step::Silent{});
  else if (word == "messages")
    add(step::Messages{parse_unsigned(rest).value_or(0)});
  else if (word == "content")
    add(step::Content{unescaped(rest)});
  else if (word == "sender")
    add(step::Sender{std::string(rest)});
  else if (word == "recipients")
    add(step::Recipients{std::string(rest)});
  else if (word == "answer")
    add(TRY(read_answer(rest)));
  else if (word == "hang-up")
    add(step::HangUp{});
  else if (word == "whole")
    dialog.cutting = Dialog::Cutting::Nowhere;
  else if (word == "option")
    TRY_VOID(set_option(dialog.options, rest));
  else
    return fail("not of the language");
  return {};
}

}  // namespace

Result<Dialog> read_dialog(const std::string& path) {
  Dialog dialog;
  dialog.options.hostname = "relay.test";
  dialog.options.mail_domain = "home.test";
  const Lines written = TRY(read_lines(path));
  const Lines lines = TRY(expanded(written));
  for (const auto& [number, line] : lines) {
    const auto read = read_line(dialog, number, line);
    if (!read) return fail(path + ":" + std::to_string(number) + ": " + read.error().text + ": " + line);
  }
  return dialog;
}

}  // namespace mailchute::test
