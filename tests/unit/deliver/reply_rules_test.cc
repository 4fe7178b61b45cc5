#include "deliver/reply_rules.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace mailchute {
namespace {

constexpr Stage kBeforeMail[] = {Stage::Resolve,  Stage::Connect, Stage::Tls,   Stage::Greeting, Stage::Ehlo,
                                 Stage::StartTls, Stage::Auth,    Stage::Reset, Stage::Idle,     Stage::Quit};
constexpr Stage kBeforeDot[] = {Stage::MailFrom, Stage::RcptTo, Stage::Data, Stage::Body};

Verdict at(Stage stage, int code, std::string text = "words") {
  return classify({stage, {code, "", std::move(text)}, stage == Stage::FinalDot});
}

std::optional<Pause::Kind> pause_of(const Verdict& verdict) {
  if (!verdict.pause) return std::nullopt;
  return verdict.pause->kind;
}

void expect(const Verdict& verdict, Fate fate, Blame blame) {
  EXPECT_EQ(verdict.fate, fate) << stage_name(verdict.stage) << ' ' << reply_line(verdict.reply);
  EXPECT_EQ(verdict.blame, blame) << stage_name(verdict.stage) << ' ' << reply_line(verdict.reply);
}

TEST(ReplyRules, EverythingBeforeMailIsTheUpstreamsTroubleAndNeverARefusal) {
  for (const Stage stage : kBeforeMail)
    for (const int code : {0, 220, 250, 354, 421, 450, 500, 501, 530, 535, 550, 554, 999})
      expect(at(stage, code), Fate::Deferred, Blame::Upstream);
}

TEST(ReplyRules, ThereIsAlwaysAPauseBeforeMail) {
  for (const Stage stage : kBeforeMail)
    for (const int code : {0, 250, 421, 450, 535}) EXPECT_TRUE(pause_of(at(stage, code)));
  EXPECT_EQ(pause_of(at(Stage::Auth, 535, "too many")), Pause::Kind::Login);
  EXPECT_EQ(pause_of(at(Stage::Auth, 0, "connection closed")), Pause::Kind::Login);
  EXPECT_EQ(pause_of(at(Stage::Auth, 421, "too many")), Pause::Kind::Connection);
  EXPECT_EQ(pause_of(at(Stage::Greeting, 554, "no")), Pause::Kind::Connection);
}

TEST(ReplyRules, APersonIsToldOfWhatNoWaitingMends) {
  EXPECT_EQ(at(Stage::Auth, 535).alert, Alert::First);
  EXPECT_EQ(at(Stage::Auth, 454).alert, Alert::Third);
  EXPECT_EQ(at(Stage::Greeting, 554).alert, Alert::First);
  EXPECT_EQ(at(Stage::Connect, 0).alert, Alert::None);
}

TEST(ReplyRules, EveryGenericRuleHasItsWordsInTwoLanguages) {
  for (int stage = 0; stage <= static_cast<int>(Stage::Quit); ++stage)
    for (const int code : {0, 250, 354, 421, 450, 500, 501, 503, 530, 535, 550, 552})
      for (const char* text : {"no", "please log in: login", "too many", "your account is blocked"}) {
        const Verdict verdict = at(static_cast<Stage>(stage), code, text);
        if (verdict.fate == Fate::Delivered) continue;
        const auto words = explanation(verdict.rule);
        ASSERT_TRUE(words) << verdict.rule;
        EXPECT_FALSE(words->words.empty() || words->words_zh.empty()) << verdict.rule;
      }
}

TEST(ReplyRules, StageAndReplyAreKeptVerbatim) {
  const Verdict verdict = classify({Stage::RcptTo, {550, "5.1.1", "no\xff such\nuser"}, false});
  EXPECT_EQ(verdict.stage, Stage::RcptTo);
  EXPECT_EQ(verdict.reply, (Reply{550, "5.1.1", "no\xff such\nuser"}));
}

TEST(ReplyRules, GoodbyeBeforeTheDotCountsAgainstNoMessage) {
  for (const Stage stage : kBeforeDot) {
    expect(at(stage, 421), Fate::Deferred, Blame::Upstream);
    EXPECT_FALSE(pause_of(at(stage, 421, "too many, try again later"))) << stage_name(stage);
  }
}

TEST(ReplyRules, GoodbyeAfterTheDotIsAnAnswerLikeAny4xx) {
  expect(at(Stage::FinalDot, 421), Fate::Deferred, Blame::Message);
}

TEST(ReplyRules, MailWith4xxIsRetried) { expect(at(Stage::MailFrom, 450), Fate::Deferred, Blame::Sender); }

TEST(ReplyRules, MailThatWantsALoginPausesTheUpstream) {
  const std::vector<Verdict> said = {at(Stage::MailFrom, 550, "Authentication required"),
                                     at(Stage::MailFrom, 554, "Please LOGIN first"),
                                     at(Stage::MailFrom, 550, "Unauthenticated senders not allowed")};
  for (const Verdict& verdict : said) {
    expect(verdict, Fate::Deferred, Blame::Upstream);
    EXPECT_EQ(pause_of(verdict), Pause::Kind::Login) << reply_line(verdict.reply);
  }
}

TEST(ReplyRules, ASessionThatForgotItsLoginGetsANewOneBeforeTheUpstreamIsPaused) {
  for (const int code : {530, 503}) {
    const Verdict verdict = at(Stage::MailFrom, code, "Must issue a STARTTLS command first");
    expect(verdict, Fate::Deferred, Blame::Upstream);
    EXPECT_EQ(verdict.remedy, Remedy::Reconnect);
    EXPECT_EQ(pause_of(verdict), Pause::Kind::Login);
    EXPECT_EQ(verdict.pause->after, 2);
  }
}

TEST(ReplyRules, WhoAsksForALoginRefusesNeitherSenderNorRecipient) {
  for (const Stage stage : {Stage::MailFrom, Stage::RcptTo})
    for (const int code : {501, 550, 553, 554})
      for (const char* text :
           {"authentication is required,smtp13,EcCow 1582810834", "Authentication Required",
            "relay not permitted, authentication required", "<a@s.test>: not logged in"}) {
        const Verdict verdict = at(stage, code, text);
        expect(verdict, Fate::Deferred, Blame::Upstream);
        EXPECT_EQ(pause_of(verdict), Pause::Kind::Login) << code << ' ' << text;
      }
  expect(at(Stage::FinalDot, 550, "5.7.26 DKIM: authentication required"), Fate::Refused, Blame::Message);
}

TEST(ReplyRules, MailThatRefusesTheSenderIsFinalThoughItSpeaksOfAuthorization) {
  for (const char* text : {"mail from address must be same as authorization user",
                           "5.7.1 Sender address rejected: not owned by auth user."}) {
    expect(at(Stage::MailFrom, 550, text), Fate::Refused, Blame::Sender);
    expect(at(Stage::MailFrom, 553, text), Fate::Refused, Blame::Sender);
  }
  expect(at(Stage::MailFrom, 501), Fate::Refused, Blame::Sender);
  expect(at(Stage::MailFrom, 550, "no"), Fate::Refused, Blame::Sender);
}

TEST(ReplyRules, MailTooLargeIsTheMessagesFault) {
  expect(at(Stage::MailFrom, 552, "5.3.4 Message size exceeds fixed limit"), Fate::Refused, Blame::Message);
}

Remedy remedy_of(Stage stage, int code, std::string enhanced, std::string text = "words") {
  return classify({stage, {code, std::move(enhanced), std::move(text)}, stage == Stage::FinalDot}).remedy;
}

TEST(ReplyRules, AMessageThatIsBeyondThisUpstreamMayBeAnothersToTake) {
  for (const Stage stage : {Stage::MailFrom, Stage::Data, Stage::FinalDot}) {
    EXPECT_EQ(remedy_of(stage, 552, "5.3.4"), Remedy::OtherUpstream);
    EXPECT_EQ(remedy_of(stage, 550, "5.6.7"), Remedy::OtherUpstream);
    EXPECT_EQ(remedy_of(stage, 552, "", "Message size exceeds fixed limit"), Remedy::OtherUpstream);
  }
}

TEST(ReplyRules, WhatAnotherUpstreamWouldRefuseTooOrMayComeLaterGoesNoOtherWay) {
  EXPECT_EQ(remedy_of(Stage::RcptTo, 552, "5.3.4"), Remedy::None);
  EXPECT_EQ(remedy_of(Stage::RcptTo, 550, "5.6.7"), Remedy::None);
  EXPECT_EQ(remedy_of(Stage::FinalDot, 452, "4.3.4"), Remedy::None);
  EXPECT_EQ(remedy_of(Stage::FinalDot, 552, "5.2.2", "mailbox full"), Remedy::None);
  EXPECT_EQ(remedy_of(Stage::FinalDot, 552, "", "illegal attachment"), Remedy::None);
  EXPECT_EQ(remedy_of(Stage::FinalDot, 554, "5.7.1", "size matters"), Remedy::None);
  EXPECT_EQ(remedy_of(Stage::FinalDot, 0, "5.3.4"), Remedy::None);
}

TEST(ReplyRules, FrequencyLimitedAtMailIsNoRefusal) {
  const Verdict verdict = at(Stage::MailFrom, 550, "Ip frequency limited");
  expect(verdict, Fate::Deferred, Blame::Upstream);
  EXPECT_EQ(pause_of(verdict), Pause::Kind::Rate);
}

TEST(ReplyRules, RecipientsAreJudgedOneByOne) {
  expect(at(Stage::RcptTo, 450), Fate::Deferred, Blame::Recipient);
  expect(at(Stage::RcptTo, 452), Fate::Deferred, Blame::Recipient);
  expect(at(Stage::RcptTo, 550), Fate::Refused, Blame::Recipient);
  expect(at(Stage::RcptTo, 553, "mailbox quota, try again later"), Fate::Refused, Blame::Recipient);
}

TEST(ReplyRules, TooManyRecipientsInTheOldWordIsRetried) {
  expect(at(Stage::RcptTo, 552), Fate::Deferred, Blame::Recipient);
}

TEST(ReplyRules, AnAcceptedRecipientIsNotADeliveredOne) {
  for (const int code : {250, 251, 252}) expect(at(Stage::RcptTo, code), Fate::Deferred, Blame::Upstream);
}

TEST(ReplyRules, DataIsRetriedOrRefused) {
  expect(at(Stage::Data, 451), Fate::Deferred, Blame::Message);
  expect(at(Stage::Data, 554, "no"), Fate::Refused, Blame::Message);
}

TEST(ReplyRules, DataWithAnAnswerThatDoesNotExistDeliversNothing) {
  for (const int code : {199, 220, 250, 999}) expect(at(Stage::Data, code), Fate::Deferred, Blame::Upstream);
}

TEST(ReplyRules, Any2xxAfterTheDotDelivers) {
  for (const int code : {200, 250, 251, 299})
    expect(at(Stage::FinalDot, code), Fate::Delivered, Blame::Message);
}

TEST(ReplyRules, A2xxBeforeTheDotDeliversNothing) {
  expect(at(Stage::Body, 250), Fate::Deferred, Blame::Upstream);
  expect(classify({Stage::FinalDot, {250, "", "early"}, false}), Fate::Deferred, Blame::Upstream);
}

TEST(ReplyRules, WhatIsNoAnswerToTheDotIsRetried) {
  for (const int code : {100, 354, 399, 450, 499, 600, 999})
    expect(at(Stage::FinalDot, code), Fate::Deferred, Blame::Message);
}

TEST(ReplyRules, ARefusedMessageIsRefused) {
  expect(at(Stage::FinalDot, 554, "5.7.1 spam"), Fate::Refused, Blame::Message);
  expect(at(Stage::Body, 550, "content rejected"), Fate::Refused, Blame::Message);
}

TEST(ReplyRules, SlowDownInAPermanentCodePausesTheUpstreamInAnyCase) {
  for (const char* text :
       {"Sender frequency limited", "FREQUENCY", "Too Many messages", "request limit exceeded",
        "daily QUOTA reached", "please Try Again", "come back later", "Rate Limit", "throttled",
        "system busy", "temporarily blocked"}) {
    for (const Stage stage : {Stage::FinalDot, Stage::Body, Stage::Data}) {
      const Verdict verdict = at(stage, 550, text);
      expect(verdict, Fate::Deferred, Blame::Upstream);
      EXPECT_EQ(pause_of(verdict), Pause::Kind::Rate) << text;
    }
  }
}

TEST(ReplyRules, WordsThatOnlyLookLikeThoseOfALimitRefuseTheMessage) {
  for (const char* text :
       {"Blocked, see our Frequently Asked Questions", "unbalanced quotation marks in From",
        "collateral spam from your network", "rejected unilaterally", "infrequent sender, not known here"})
    expect(at(Stage::FinalDot, 554, text), Fate::Refused, Blame::Message);
  EXPECT_EQ(pause_of(at(Stage::FinalDot, 550, "you send too frequently")), Pause::Kind::Rate);
  EXPECT_EQ(pause_of(at(Stage::FinalDot, 550, "over-quota: 500/day")), Pause::Kind::Rate);
}

TEST(ReplyRules, ALimitOfWhatWeSendPausesTheUpstreamAtARecipientToo) {
  for (const char* text : {"Sending rate limit exceeded, try again later",
                           "Daily user sending limit exceeded", "Connection frequency limited"}) {
    const Verdict verdict = at(Stage::RcptTo, 550, text);
    expect(verdict, Fate::Deferred, Blame::Upstream);
    EXPECT_EQ(pause_of(verdict), Pause::Kind::Rate) << text;
  }
  expect(at(Stage::RcptTo, 550, "come back later"), Fate::Deferred, Blame::Recipient);
}

TEST(ReplyRules, AFullOrFloodedMailboxIsTheRecipientsTrouble) {
  for (const char* text :
       {"mailbox over quota", "unknown user, rate limit exceeded", "no such user, try later"})
    expect(at(Stage::RcptTo, 550, text), Fate::Refused, Blame::Recipient);
  const Verdict flooded = classify({Stage::RcptTo, {550, "5.2.1", "receives mail at too high a rate limit"}});
  expect(flooded, Fate::Refused, Blame::Recipient);
}

TEST(ReplyRules, AReplyThatWantsALoginIsTheLoginsTroubleAtEveryStage) {
  for (const Stage stage : {Stage::MailFrom, Stage::RcptTo, Stage::Data, Stage::Body, Stage::FinalDot})
    for (const int code : {530, 535, 538}) {
      const Verdict verdict = at(stage, code, "5.7.0 Must authenticate first");
      expect(verdict, Fate::Deferred, Blame::Upstream);
      EXPECT_EQ(pause_of(verdict), Pause::Kind::Login);
      EXPECT_EQ(verdict.pause->after, 2);
      EXPECT_EQ(verdict.remedy, Remedy::Reconnect);
    }
}

TEST(ReplyRules, ASessionThatLostItsOrderIsBegunAnewAndRestsWhenThatDoesNotHelp) {
  const Verdict lost[] = {at(Stage::RcptTo, 500, "Command unrecognized"), at(Stage::RcptTo, 502, "No"),
                          at(Stage::RcptTo, 503, "Bad sequence"), at(Stage::Data, 503, "Bad sequence")};
  for (const Verdict& verdict : lost) {
    expect(verdict, Fate::Deferred, Blame::Upstream);
    EXPECT_EQ(verdict.remedy, Remedy::Reconnect);
    EXPECT_EQ(verdict.pause, (Pause{Pause::Kind::Connection, Duration{0}, Duration{0}, std::nullopt, 3}));
  }
  for (const int code : {500, 502, 554})
    expect(at(Stage::Data, code), Fate::Refused, Blame::Message);  // C024
  expect(at(Stage::MailFrom, 500), Fate::Deferred, Blame::Upstream);
  expect(classify({Stage::RcptTo, {500, "5.1.3", "syntax error"}}), Fate::Refused, Blame::Recipient);
  expect(at(Stage::FinalDot, 500), Fate::Refused, Blame::Message);
}

TEST(ReplyRules, AnAccountOrAHostThatIsShutOutWaitsForAPerson) {
  const std::vector<Verdict> said = {
      at(Stage::MailFrom, 550, "Your account has been suspended, contact support"),
      at(Stage::MailFrom, 550, "Account disabled"),
      at(Stage::FinalDot, 554, "your account is LOCKED"),
      at(Stage::MailFrom, 554, "Service unavailable; Client host [192.0.2.1] blocked using a list"),
      at(Stage::RcptTo, 554, "Client host rejected: access denied"),
      at(Stage::Data, 554, "your IP is on our block list")};
  for (const Verdict& verdict : said) {
    expect(verdict, Fate::Deferred, Blame::Upstream);
    EXPECT_EQ(pause_of(verdict), Pause::Kind::Person) << reply_line(verdict.reply);
    EXPECT_EQ(verdict.alert, Alert::First);
  }
  expect(at(Stage::RcptTo, 550, "The account that you tried to reach is disabled"), Fate::Refused,
         Blame::Recipient);
}

TEST(ReplyRules, WordsAreFoundBetweenBytesThatAreNoText) {
  const std::string text = std::string("\xc4\xe3\0 ", 4) + "ToO mAnY\xff";
  EXPECT_EQ(pause_of(at(Stage::FinalDot, 550, text)), Pause::Kind::Rate);
}

TEST(ReplyRules, SlowDownInATransientCodeIsAPlainRetry) {
  const Verdict verdict = at(Stage::FinalDot, 451, "too many, try again later");
  expect(verdict, Fate::Deferred, Blame::Message);
  EXPECT_FALSE(pause_of(verdict));
}

TEST(ReplyRules, ALostFinalReplyIsInDoubt) {
  const Verdict verdict = at(Stage::FinalDot, 0, "connection reset by peer");
  expect(verdict, Fate::Deferred, Blame::Message);
  EXPECT_TRUE(verdict.in_doubt);
  EXPECT_FALSE(pause_of(verdict));
}

TEST(ReplyRules, AConnectionLostInTheContentCountsForTheMessageAndIsNotInDoubt) {
  const Verdict verdict = at(Stage::Body, 0);
  expect(verdict, Fate::Deferred, Blame::Message);
  EXPECT_FALSE(verdict.in_doubt);
}

TEST(ReplyRules, AConnectionLostBeforeTheContentCountsForNobody) {
  for (const Stage stage : {Stage::MailFrom, Stage::RcptTo, Stage::Data}) {
    expect(at(stage, 0), Fate::Deferred, Blame::Upstream);
    EXPECT_FALSE(at(stage, 0).in_doubt);
  }
}

TEST(ReplyRules, ARecipientRefusedEarlierIsNotInDoubtWhenTheFinalReplyIsLost) {
  const Verdict verdict = classify({Stage::RcptTo, {550, "", "no"}, true});
  expect(verdict, Fate::Refused, Blame::Recipient);
  EXPECT_FALSE(verdict.in_doubt);
}

TEST(ReplyRules, NoPauseComesOfADeliveryOrARefusal) {
  EXPECT_FALSE(pause_of(at(Stage::FinalDot, 250, "too many, but well")));
  EXPECT_FALSE(pause_of(at(Stage::RcptTo, 550, "unknown user, tried too many times")));
}

}  // namespace
}  // namespace mailchute
