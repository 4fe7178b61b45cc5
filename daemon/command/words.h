// Numbers as people read them: how long, how much, how many. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/locale.h"
#include "base/phrase.h"

namespace mailchute {

/// For a column: `45s`, `12m`, `3h`, `5d`; rounded down, `0s` for what is negative.
std::string short_duration(Duration duration, Language language = Language::English);

/// For a sentence: `45s`, `12m`, `3h 20m`, `5d 4h`; rounded down. In Chinese `3 小时 20 分钟`.
std::string long_duration(Duration duration, Language language = Language::English);

/// The same in both languages.
Phrase spoken(Duration duration);

/// How long an attempt took: `12ms`, `1.4s`, then like long_duration().
std::string elapsed(Duration duration);

/// `812B`, `1.2K`, `15K`, `3.4M`, `1.0G`: powers of 1024, rounded down.
std::string short_size(std::uint64_t bytes);

/// `user 1000`; of those whom the kernel does not name, `users unknown`.
Phrase user_words(std::optional<std::uint32_t> uid);

/// `1 message`, `2 messages`.
std::string counted(std::uint64_t count, std::string_view noun);
/// The same in both languages: `2 messages`, `2 封邮件`.
Phrase counted(std::uint64_t count, std::string_view noun, std::string_view chinese);

}  // namespace mailchute
