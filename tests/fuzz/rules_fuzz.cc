// folder: deliver
// Any bytes as a reply, at any stage, by the rules of every shipped provider. The first four bytes are stage,
// recipients and whether the final dot was sent, and the code; then the enhanced code up to a blank, then the
// text. Whatever is said: only a 2xx after the final dot delivers, nothing is refused before MAIL FROM, the
// upstream rests before MAIL FROM, every verdict has its words, and the same reply means the same.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "deliver/reply_rules.h"
#include "deliver/told_wait.h"
#include "fake/source_folder.h"
#include "fuzz/require.h"
#include "settings/profile.h"

using namespace mailchute;

namespace {

const Profiles& profiles() {
  static const Profiles read = [] {
    Report report;
    Profiles shipped = Profiles::read({fake::source_file("config/providers")}, report);
    REQUIRE(!report.failed());
    REQUIRE(shipped.names().size() > 25);
    return shipped;
  }();
  return read;
}

ReplyContext said_by(const std::uint8_t* data, std::string_view text) {
  ReplyContext said;
  said.stage = static_cast<Stage>(data[0] % (static_cast<int>(Stage::Quit) + 1));
  said.final_dot_sent = (data[1] & 1) != 0;
  said.recipients = 1 + data[1] / 2 % 4;
  said.reply.code = (data[2] * 256 + data[3]) % 1000;
  const auto blank = text.find(' ');
  if (blank != std::string_view::npos) said.reply.enhanced = text.substr(0, blank);
  said.reply.text = text;
  return said;
}

bool same(const Verdict& one, const Verdict& other) {
  return one.fate == other.fate && one.blame == other.blame && one.rule == other.rule &&
         one.pause == other.pause && one.alert == other.alert && one.remedy == other.remedy &&
         one.retry_in == other.retry_in && one.retry_for == other.retry_for && one.in_doubt == other.in_doubt;
}

void check(const ReplyContext& said, const std::vector<ReplyRule>& rules) {
  const Verdict verdict = classify(said, rules);
  const bool before_mail = said.stage < Stage::MailFrom || said.stage > Stage::FinalDot;
  if (verdict.fate == Fate::Delivered) REQUIRE(said.reply.positive() && said.final_dot_sent && !before_mail);
  // Also a 4xx may be final: one provider says 440 for "never".
  const bool failure = said.reply.permanent() || said.reply.transient();
  if (verdict.fate == Fate::Refused) REQUIRE(failure && !before_mail);
  if (before_mail) REQUIRE(verdict.pause && verdict.blame == Blame::Upstream);
  if (verdict.in_doubt) REQUIRE(verdict.fate == Fate::Deferred && said.reply.code == 0);
  if (verdict.remedy == Remedy::Split) REQUIRE(said.recipients > 1 && verdict.fate == Fate::Deferred);
  if (verdict.fate != Fate::Delivered) REQUIRE(explanation(verdict.rule, rules));
  REQUIRE(verdict.reply == said.reply && verdict.stage == said.stage);
  REQUIRE(same(verdict, classify(said, rules)));
  const auto wait = told_wait(said.reply, WallTime{std::chrono::hours(500'000)});
  if (wait) REQUIRE(*wait > Duration::zero() && *wait <= std::chrono::hours(24));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  const ReplyContext said = said_by(data, {reinterpret_cast<const char*>(data) + 4, size - 4});
  for (const auto& name : profiles().names()) check(said, profiles().find(name)->rules);
  return 0;
}
