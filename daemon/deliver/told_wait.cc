#include "deliver/told_wait.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace mailchute {

namespace {

constexpr Duration kMost = std::chrono::hours(24);
constexpr std::size_t kTextBytes = 2048;
/// How many words may stand between the one that asks and the time: "try again later, in about 5 minutes".
constexpr std::size_t kWordsBetween = 4;

bool one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Words of letters, numbers, and times of day; `5min` is two. All else only separates.
std::vector<std::string_view> words_of(std::string_view text) {
  const auto kind = [](char c) {
    return is_digit(c) || c == ':' ? 1 : std::isalpha(static_cast<unsigned char>(c)) ? 2 : 0;
  };
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    while (end < text.size() && kind(text[end]) == kind(text[at])) ++end;
    if (kind(text[at]) != 0) words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

Duration unit(std::string_view word) {
  if (one_of(word, {"s", "sec", "secs", "second", "seconds"})) return std::chrono::seconds(1);
  if (one_of(word, {"min", "mins", "minute", "minutes"})) return std::chrono::minutes(1);
  if (one_of(word, {"h", "hr", "hrs", "hour", "hours"})) return std::chrono::hours(1);
  return Duration::zero();
}

/// `00:04:59`
std::optional<Duration> time_of_day(std::string_view word) {
  const auto parts = split(word, ':');
  if (parts.size() != 3) return std::nullopt;
  Duration sum{0};
  for (std::string_view part : parts) {
    const auto value = part.size() == 2 ? parse_unsigned(part) : std::nullopt;
    if (!value) return std::nullopt;
    sum = sum * 60 + std::chrono::seconds(*value);
  }
  return sum;
}

std::optional<Duration> sensible(Duration wait) {
  if (wait <= Duration::zero() || wait > kMost) return std::nullopt;
  return wait;
}

/// The time that begins at words[at].
std::optional<Duration> span_at(const std::vector<std::string_view>& words, std::size_t at) {
  if (auto clock = time_of_day(words[at])) return sensible(*clock);
  const auto count = parse_unsigned(words[at]);
  if (!count || *count > 100'000 || at + 1 == words.size()) return std::nullopt;
  return sensible(unit(words[at + 1]) * static_cast<Duration::rep>(*count));
}

std::optional<Duration> span_in(const std::vector<std::string_view>& words) {
  std::size_t asked = words.size();
  for (std::size_t at = 0; at < words.size(); ++at) {
    if (one_of(words[at], {"again", "retry", "wait", "back"})) asked = at;
    if (asked == words.size() || at > asked + kWordsBetween || !is_digit(words[at].front())) continue;
    if (const auto span = span_at(words, at)) return span;
  }
  return std::nullopt;
}

/// GMT, UTC, Z or +hhmm; how far it is ahead of UTC.
std::optional<Duration> zone(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  if (starts_nocase(text, "gmt") || starts_nocase(text, "utc") || starts_nocase(text, "z"))
    return Duration::zero();
  if (text.size() < 5 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const auto hours = parse_unsigned(text.substr(1, 2));
  const auto minutes = parse_unsigned(text.substr(3, 2));
  if (!hours || !minutes) return std::nullopt;
  const Duration ahead = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return text[0] == '-' ? -ahead : ahead;
}

/// RFC 5322 3.3, with or without the day's name, and ISO 8601.
std::optional<WallTime> date_at(const std::string& text, std::size_t at) {
  for (const char* form : {"%a, %d %b %Y %T", "%d %b %Y %T", "%Y-%m-%dT%T", "%Y-%m-%d %T"}) {
    std::tm parts{};
    const char* rest = ::strptime(text.c_str() + at, form, &parts);
    if (rest == nullptr) continue;
    const auto ahead = zone(rest);
    if (!ahead) return std::nullopt;
    return WallTime(
        std::chrono::duration_cast<WallTime::duration>(std::chrono::seconds(::timegm(&parts)) - *ahead));
  }
  return std::nullopt;
}

std::optional<Duration> until_date_in(const std::string& text, WallTime now) {
  const std::string small = lower(text);
  for (const std::string_view word : {"after ", "until ", "at "})
    for (std::size_t at = small.find(word); at != std::string::npos; at = small.find(word, at + 1))
      if (const auto date = date_at(text, at + word.size()))
        return sensible(std::chrono::duration_cast<Duration>(*date - now));
  return std::nullopt;
}

}  // namespace

std::optional<Duration> told_wait(const Reply& reply, WallTime now) {
  std::string text = reply.text.substr(0, kTextBytes);
  std::replace(text.begin(), text.end(), '\n', ' ');
  if (const auto wait = until_date_in(text, now)) return wait;
  const std::string small = lower(text);
  return span_in(words_of(small));
}

void heed_told_wait(Pause& pause, const Reply& reply, WallTime now) {
  if (pause.kind == Pause::Kind::Person) return;
  pause.told = told_wait(reply, now).value_or(Duration::zero());
}

void heed_told_wait(Verdict& verdict, WallTime now) {
  if (verdict.fate != Fate::Deferred) return;
  if (verdict.pause) return heed_told_wait(*verdict.pause, verdict.reply, now);
  verdict.retry_in = std::max(verdict.retry_in, told_wait(verdict.reply, now).value_or(Duration::zero()));
}

}  // namespace mailchute
