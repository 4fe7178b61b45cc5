#include "mail/reply_for_people.h"

#include <iconv.h>

#include <cerrno>
#include <memory>
#include <optional>

#include "base/text.h"

namespace mailchute {

namespace {

/// Two bytes of GBK become at most three of UTF-8, one at most three.
constexpr std::size_t kGrowth = 3;

struct CloseConverter {
  void operator()(void* converter) const { iconv_close(converter); }
};

/// The end may be cut in the middle of a character, because replies are kept up to a bound.
std::optional<std::string> from_gbk(std::string_view bytes) {
  const iconv_t opened = iconv_open("UTF-8", "GBK");
  if (opened == reinterpret_cast<iconv_t>(-1)) return std::nullopt;  // A system without its tables.
  const std::unique_ptr<void, CloseConverter> converter(opened);

  std::string source(bytes);
  std::string text(bytes.size() * kGrowth, '\0');
  char* from = source.data();
  char* to = text.data();
  std::size_t left = source.size();
  std::size_t room = text.size();
  const bool whole = iconv(opened, &from, &left, &to, &room) != static_cast<std::size_t>(-1);
  if (!whole && errno != EINVAL) return std::nullopt;
  text.resize(text.size() - room);
  return text.append(bytes.substr(bytes.size() - left));
}

}  // namespace

std::string reply_for_people(std::string_view bytes) {
  if (valid_utf8(bytes)) return std::string(bytes);
  return from_gbk(bytes).value_or(std::string(bytes));
}

}  // namespace mailchute
