#include "alert/alert_words.h"

#include <gtest/gtest.h>

#include "alert/alert_explanation.h"

namespace mailchute {
namespace {

/// Every event there is: the last of the enumeration is named here, so that a new one breaks the test.
std::vector<AlertEvent> all_events() {
  std::vector<AlertEvent> events;
  for (int i = 0; i <= static_cast<int>(AlertEvent::ProviderAsks); ++i)
    events.push_back(static_cast<AlertEvent>(i));
  return events;
}

bool has_chinese(std::string_view text) {
  return text.find("\xe4") != std::string_view::npos || text.find("\xe6") != std::string_view::npos ||
         text.find("\xe9") != std::string_view::npos;
}

TEST(AlertWords, EveryEventHasWordsInBothLanguages) {
  for (const AlertEvent event : all_events()) {
    const Explanation words = event_explanation(event);

    EXPECT_GT(words.words.size(), 80U) << event_name(event);
    EXPECT_FALSE(has_chinese(words.words)) << event_name(event);
    EXPECT_TRUE(has_chinese(words.words_zh)) << event_name(event);
    EXPECT_EQ(event_named(event_name(event)), event);
  }
  EXPECT_EQ(event_named("nothing_of_that_kind"), std::nullopt);
}

TEST(AlertWords, EverySummaryIsThereInBothLanguagesWhetherOpenOrOver) {
  for (const AlertEvent event : all_events()) {
    for (const auto state : {AlertNews::State::Open, AlertNews::State::Over}) {
      AlertNews alert;
      alert.event = event;
      alert.state = state;
      alert.upstream = "qq";
      alert.count = 3;

      put_into_words(alert);
      EXPECT_FALSE(alert.summary.empty()) << event_name(event);
      EXPECT_FALSE(has_chinese(alert.summary)) << alert.summary;
      put_into_words(alert, Language::Chinese);
      EXPECT_TRUE(has_chinese(alert.summary)) << alert.summary;
      EXPECT_FALSE(alert.next.empty()) << event_name(event);
    }
  }
}

TEST(AlertWords, TheCountIsSaidInBothLanguages) {
  AlertNews alert;
  alert.event = AlertEvent::LoginRefused;
  alert.upstream = "qq";
  alert.count = 3;

  put_into_words(alert);
  EXPECT_EQ(alert.summary, "qq refuses the login, 3 times in a row");
  put_into_words(alert, Language::Chinese);
  EXPECT_EQ(alert.summary, "qq 拒绝登录，已连续 3 次");
}

}  // namespace
}  // namespace mailchute
