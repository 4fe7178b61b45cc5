#include "base/ascii.h"

#include <gtest/gtest.h>

#include <string>

namespace mailchute {
namespace {

TEST(Ascii, OneHighByteIsFoundWhereverItStands) {
  for (std::size_t size = 0; size <= 40; ++size) {
    std::string text(size, 'x');
    EXPECT_TRUE(is_ascii(text)) << size;
    for (std::size_t at = 0; at < size; ++at) {
      text[at] = '\x80';
      EXPECT_FALSE(is_ascii(text)) << at << " of " << size;
      text[at] = '\x7f';
    }
  }
}

}  // namespace
}  // namespace mailchute
