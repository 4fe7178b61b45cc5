// Encoded words (RFC 2047): how a header that is ASCII carries text that is not. Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mailchute {

/// Text and the charset its bytes are in, as the encoded word names it.
struct CharsetText {
  std::string charset;
  std::string bytes;
};

/// True for one well-formed encoded word, `=?charset?B?...?=`. Blanks inside a Q word are passed over, and so
/// is a length beyond 75, for many programs write both.
bool is_encoded_word(std::string_view word);

/// The text behind encoded words that stand alone, blanks between them. Empty when anything else is there,
/// when the charsets differ, or when one does not keep ASCII bytes apart from others (ISO-2022, UTF-7,
/// UTF-16).
std::optional<CharsetText> decode_words(std::string_view text);

/// Encoded words with single blanks between them, each of at most 75 bytes and of whole characters. UTF-8 and
/// the charsets of two bytes a character are cut right; `charset` must be a token.
std::string encode_words(std::string_view bytes, std::string_view charset);

/// One line for an unstructured field: words of printable ASCII stay as they are, runs of others become
/// encoded words, with the blanks between them inside. Folds and tabs become blanks. Nothing is lost when
/// `text` is UTF-8; bytes that are not are marked as of unknown charset (RFC 1428).
std::string encoded_text(std::string_view text);

/// What stands before `<address>`: `display` as an RFC 5322 phrase. Atoms and encoded words stay, other ASCII
/// is quoted, all else is encoded; bytes that are not UTF-8 are said to be in `charset`. No word of it is
/// longer than 100 bytes, so that the line can always be folded.
std::string phrase(std::string_view display, std::string_view charset = "unknown-8bit");

}  // namespace mailchute
