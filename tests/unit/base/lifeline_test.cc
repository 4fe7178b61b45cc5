#include "base/lifeline.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/unique_function.h"

namespace mailchute {
namespace {

TEST(Lifeline, ABoundCallbackRunsWhileItsObjectLives) {
  Lifeline lifeline;
  std::string heard;
  auto callback = lifeline.bind([&](const std::string& word) { heard += word; });

  callback(std::string("a"));
  callback(std::string("b"));

  EXPECT_EQ(heard, "ab");
}

TEST(Lifeline, ABoundCallbackDoesNothingOnceItsObjectIsGone) {
  auto lifeline = std::make_unique<Lifeline>();
  int calls = 0;
  std::function<void()> callback = lifeline->bind([&] { ++calls; });

  lifeline.reset();
  callback();

  EXPECT_EQ(calls, 0);
}

TEST(Lifeline, ACallbackMayEndTheLifeItIsBoundTo) {
  std::optional<Lifeline> lifeline(std::in_place);
  int calls = 0;
  auto callback = lifeline->bind([&] {
    ++calls;
    lifeline.reset();
  });

  callback();
  callback();

  EXPECT_EQ(calls, 1);
}

TEST(Lifeline, BindsCallablesThatCannotBeCopied) {
  Lifeline lifeline;
  int seen = 0;
  UniqueFunction<void(std::unique_ptr<int>)> callback = lifeline.bind(
      [&, own = std::make_unique<int>(1)](std::unique_ptr<int> value) { seen = *own + *value; });

  callback(std::make_unique<int>(2));

  EXPECT_EQ(seen, 3);
}

}  // namespace
}  // namespace mailchute
