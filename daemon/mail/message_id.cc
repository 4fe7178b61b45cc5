#include "mail/message_id.h"

#include "base/result.h"

namespace mailchute {

namespace {

constexpr int kCharacters = 12;
constexpr int kRandomBits = 19;
constexpr int kTimeBits = 41;
constexpr std::int64_t kHighest = (std::int64_t{1} << (kTimeBits + kRandomBits)) - 1;
// 2020-01-01T00:00:00Z. 41 bits of milliseconds from there last until 2089.
constexpr std::int64_t kEpochMilliseconds = 1'577'836'800'000;
// Douglas Crockford's base 32: no I, L, O (they read as digits) and no U.
constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

std::optional<std::int64_t> decode(std::string_view text) {
  std::int64_t value = 0;
  for (char c : text) {
    const char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    const auto digit = kAlphabet.find(upper);
    if (digit == std::string_view::npos) return std::nullopt;
    value = (value << 5) | static_cast<std::int64_t>(digit);
  }
  return value;
}

}  // namespace

std::string MessageId::text() const {
  std::string out(kCharacters, '0');
  for (int i = 0; i < kCharacters; ++i) out[i] = kAlphabet[(value >> (5 * (kCharacters - 1 - i))) & 31];
  return out;
}

std::optional<MessageId> MessageId::parse(std::string_view text) {
  if (text.size() != kCharacters) return std::nullopt;
  const auto value = decode(text);
  if (!value || *value == 0) return std::nullopt;
  return MessageId{*value};
}

std::optional<MessageId::Range> MessageId::prefix(std::string_view text) {
  if (text.empty() || text.size() > kCharacters) return std::nullopt;
  const auto value = decode(text);
  if (!value) return std::nullopt;

  const int missing_bits = 5 * (kCharacters - static_cast<int>(text.size()));
  const std::int64_t first = *value << missing_bits;
  const std::int64_t last = first + ((std::int64_t{1} << missing_bits) - 1);
  if (last == 0) return std::nullopt;
  return Range{MessageId{first == 0 ? 1 : first}, MessageId{last}};
}

MessageId MessageIds::next() {
  CHECK(last_.value < kHighest);
  const std::int64_t milliseconds = clock_.wall().time_since_epoch().count() - kEpochMilliseconds;
  const bool in_range = milliseconds >= 0 && milliseconds < (std::int64_t{1} << kTimeBits);
  const auto chance = static_cast<std::int64_t>(random_.next() & ((1U << kRandomBits) - 1));

  // A clock that is wrong by decades is not followed: one look at it would use up every id there is.
  const std::int64_t wished = in_range ? (milliseconds << kRandomBits) | chance : 0;
  last_.value = wished > last_.value ? wished : last_.value + 1;
  return last_;
}

}  // namespace mailchute
