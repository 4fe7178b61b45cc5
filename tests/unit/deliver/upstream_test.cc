#include "deliver/upstream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "fake/fake_dialer.h"
#include "fake/fake_loop.h"
#include "fake/fake_provider.h"
#include "fake/fake_queue.h"
#include "fake/memory_stream.h"
#include "net/fingerprint.h"

namespace mailchute {
namespace {

class UpstreamTest : public ::testing::Test, public CourierListener {
 protected:
  UpstreamTest() : queue(loop), dialer(loop) {
    provider.serve(dialer);
    settings.name = "up";
    settings.host = "up.test";
    settings.port = 465;
    settings.user = "me@up.test";
    settings.auth = {"plain"};
    settings.max_connections = 1;
  }
  ~UpstreamTest() override {
    settling.clear();
    upstream.reset();
    loop.run();
  }

  void build() {
    upstream = std::make_unique<Upstream>(
        settings, "relay.test",
        [this](UniqueFunction<void(Result<Secret>)> then) {
          ++secrets_fetched;
          loop.post([this, then = std::move(then)]() mutable {
            if (no_secret)
              then(fail("cannot read the password"));
            else
              then(Secret("letmein"));
          });
        },
        DeliveryTools{dialer, loop, loop, queue}, *this);
  }

  Parcel parcel(std::int64_t number) {
    Parcel made;
    made.id = MessageId{number};
    made.upstream = "up";
    made.sender = *Mailbox::parse("a@s.test");
    made.recipients.push_back({number, {*Mailbox::parse("b@r.test"), {}, {}}, 0, false});
    made.content = "Subject: x\r\n\r\nhi\r\n";
    made.bytes = made.content->size();
    return made;
  }

  static NewMessage message_of(const Parcel& parcel) {
    NewMessage message;
    message.id = parcel.id;
    message.sender = parcel.sender;
    message.recipients.push_back({parcel.recipients.front().recipient, "up"});
    return message;
  }

  void deliver(std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i <= last; ++i) upstream->deliver(parcel(i));
    loop.run();
  }

  void on_attempt(const std::string&, Attempt attempt, UniqueFunction<void()> settled) override {
    attempts.push_back(std::move(attempt));
    settling.push_back(std::move(settled));
    if (!settle_at_once) return;
    loop.post([this] { settle(); });
  }
  /// The queue has committed what came back so far.
  void settle() {
    for (auto& settled : std::exchange(settling, {})) settled();
  }
  void on_returned(const std::string&, Returned returned) override {
    back.push_back(std::move(returned.parcel));
  }
  void on_login(const std::string&, LoginNews news) override { logins.push_back(news); }
  void on_ready(const std::string&) override { ++readies; }
  void on_trouble(const std::string&, UpstreamTrouble trouble) override {
    troubles.push_back(std::move(trouble));
  }
  void on_room(const std::string&) override {}

  fake::FakeLoop loop;
  fake::FakeQueue queue;
  fake::FakeDialer dialer;
  fake::FakeProvider provider;
  UpstreamSettings settings;
  std::vector<Attempt> attempts;
  std::vector<UniqueFunction<void()>> settling;
  bool settle_at_once = true;
  std::vector<Parcel> back;
  std::vector<UpstreamTrouble> troubles;
  std::vector<LoginNews> logins;
  int readies = 0;
  int secrets_fetched = 0;
  bool no_secret = false;
  std::unique_ptr<Upstream> upstream;
};

TEST_F(UpstreamTest, ThatAllAreRefusedAlikeIsTakenUpAndToldOn) {
  build();
  provider.say = [](const std::string& line, std::size_t) {
    return std::string(line == "." ? "554 Transaction failed\r\n" : "");
  };
  upstream->take_up({"final_dot 554 transaction failed", {"1@r.test", "2@r.test", "3@r.test", "4@r.test"}});

  deliver(1, 2);

  ASSERT_EQ(attempts.size(), 2u);
  EXPECT_EQ(attempts[0].verdicts[0].fate, Fate::Refused);
  ASSERT_TRUE(attempts[0].refused_alike);
  EXPECT_EQ(attempts[0].refused_alike->recipients.size(), 5u);
  EXPECT_EQ(attempts[1].verdicts[0].fate, Fate::Deferred);
}

TEST_F(UpstreamTest, ManyMessagesCostOneLogin) {
  build();

  deliver(1, 16);

  EXPECT_EQ(provider.messages, 16u);
  EXPECT_EQ(provider.logins, 1u);
  ASSERT_EQ(attempts.size(), 16u);
  EXPECT_EQ(attempts[0].verdicts.at(0).fate, Fate::Delivered);
  EXPECT_EQ(attempts[0].record.peer, "192.0.2.1:465");
  EXPECT_EQ(readies, 1);
}

TEST_F(UpstreamTest, TheNextMessageWaitsUntilTheEndOfTheLastIsOnDisk) {
  settle_at_once = false;
  build();

  deliver(1, 3);
  EXPECT_EQ(provider.messages, 1u);
  EXPECT_EQ(provider.lines.back(), ".");
  settle();
  loop.run();

  EXPECT_EQ(provider.messages, 2u);
}

TEST_F(UpstreamTest, AMessageIsTwoFlightsItsEnvelopeAndItsContentWithItsEnd) {
  build();
  deliver(1, 1);
  const std::size_t before = provider.writes(0);

  deliver(2, 2);

  EXPECT_EQ(provider.messages, 2u);
  EXPECT_EQ(provider.writes(0) - before, 2u);
}

TEST_F(UpstreamTest, NoQuitIsSaidBeforeTheEndIsOnDiskEither) {
  settle_at_once = false;
  build();
  deliver(1, 1);

  upstream->shut_down();
  loop.run();
  EXPECT_EQ(provider.lines.back(), ".");
  settle();
  loop.run();

  EXPECT_EQ(provider.lines.back(), "QUIT");
}

TEST_F(UpstreamTest, AnEndOnDiskAfterTheConnectionWentConcernsNobody) {
  settle_at_once = false;
  build();
  deliver(1, 1);
  provider.close(0);
  loop.run();

  settle();
  deliver(2, 2);

  EXPECT_EQ(provider.messages, 2u);
  EXPECT_EQ(provider.connections(), 2u);
}

TEST_F(UpstreamTest, AMessageIsMarkedAsSentBeforeItsEndLeavesAndTheMarkIsCommittedWhenTheReplyIsLate) {
  build();
  provider.say = [](const std::string& line, std::size_t) {
    return line == "." ? std::string("\r") : std::string();  // No reply yet: a lone byte is none.
  };
  Parcel sent = parcel(1);
  queue.put(message_of(sent), *sent.content);
  queue.row(sent.id).state = RecipientState::Sending;
  sent.recipients.front().row = 0;

  upstream->deliver(std::move(sent));
  loop.advance(std::chrono::milliseconds(500));
  EXPECT_EQ(queue.doubts, 0u);
  loop.advance(std::chrono::seconds(1));
  EXPECT_EQ(queue.doubts, 1u);

  queue.restart();
  EXPECT_TRUE(queue.row(MessageId{1}).in_doubt);
}

TEST_F(UpstreamTest, ARefusedConnectionIsTheUpstreamsTroubleOnceAndAllParcelsComeBack) {
  build();
  dialer.answers.push_back(DialFault{Stage::Connect, "192.0.2.1:465: connection refused"});

  deliver(1, 5);

  ASSERT_EQ(troubles.size(), 1u);
  EXPECT_EQ(troubles[0].kind, UpstreamTrouble::Kind::Connection);
  EXPECT_EQ(troubles[0].stage, Stage::Connect);
  EXPECT_EQ(back.size(), 5u);
  EXPECT_TRUE(attempts.empty());
}

TEST_F(UpstreamTest, ARefusedLoginIsTriedOnceAndTheSecretIsReadAgainNextTime) {
  build();
  provider.say = [](const std::string& line, std::size_t connection) {
    return line.rfind("AUTH", 0) == 0 && connection == 0 ? std::string("535 no\r\n") : std::string();
  };

  deliver(1, 3);
  ASSERT_EQ(troubles.size(), 1u);
  EXPECT_EQ(troubles[0].kind, UpstreamTrouble::Kind::Login);
  EXPECT_EQ(back.size(), 3u);
  deliver(4, 4);

  EXPECT_EQ(secrets_fetched, 2);
  EXPECT_EQ(attempts.size(), 1u);
}

TEST_F(UpstreamTest, AWrongPasswordIsTriedOnceHoweverManyConnectionsThereMayBe) {
  settings.max_connections = 8;
  build();
  provider.say = [](const std::string& line, std::size_t) {
    return std::string(line.rfind("AUTH", 0) == 0 ? "535 no\r\n" : "");
  };

  deliver(1, 100);

  EXPECT_EQ(logins.size(), 1u);
  EXPECT_EQ(troubles.size(), 1u);
  EXPECT_EQ(back.size(), 100u);
}

TEST_F(UpstreamTest, OnceOneIsLoggedInTheOtherConnectionsFollow) {
  settings.max_connections = 3;
  build();
  settle_at_once = false;  // Else the first has sent them all before there are others.

  deliver(1, 100);

  EXPECT_EQ(provider.logins, 3u);
  EXPECT_EQ(provider.messages, 3u);
}

TEST_F(UpstreamTest, ASecretThatFailsToComeAfterTheShutdownIsNobodysTrouble) {
  build();
  no_secret = true;
  upstream->deliver(parcel(1));
  while (secrets_fetched == 0) ASSERT_TRUE(loop.turn());

  upstream->shut_down();
  loop.run();

  EXPECT_TRUE(troubles.empty());
  EXPECT_EQ(back.size(), 1u);
}

TEST_F(UpstreamTest, ASecretThatMayHaveBeenMendedIsReadAgain) {
  build();
  deliver(1, 1);
  provider.close(0);
  loop.run();

  upstream->read_secret_again();
  deliver(2, 2);

  EXPECT_EQ(secrets_fetched, 2);
  EXPECT_EQ(provider.messages, 2u);
}

TEST_F(UpstreamTest, AHandshakeMayTakeAsLongAsAConnection) {
  settings.timeouts.connect = std::chrono::seconds(5);
  build();
  dialer.never_secured = true;

  upstream->deliver(parcel(1));
  loop.advance(std::chrono::seconds(4));
  EXPECT_TRUE(troubles.empty());
  loop.advance(std::chrono::seconds(2));

  ASSERT_EQ(troubles.size(), 1u);
  EXPECT_EQ(troubles[0].stage, Stage::Tls);
}

TEST_F(UpstreamTest, ASecretThatCannotBeReadReachesNobodyAndReturnsTheParcels) {
  build();
  no_secret = true;

  deliver(1, 2);

  ASSERT_EQ(troubles.size(), 1u);
  EXPECT_EQ(troubles[0].kind, UpstreamTrouble::Kind::Setup);
  EXPECT_EQ(back.size(), 2u);
  EXPECT_EQ(provider.connections(), 0u);
}

TEST_F(UpstreamTest, AFailedHandshakeSeesNoByteOfTheCredential) {
  build();
  dialer.handshake_fails = "certificate has expired";

  deliver(1, 1);

  ASSERT_EQ(troubles.size(), 1u);
  EXPECT_EQ(troubles[0].stage, Stage::Tls);
  EXPECT_EQ(troubles[0].reply.text, "certificate has expired");
  EXPECT_TRUE(provider.lines.empty());
}

TEST_F(UpstreamTest, AKeptConnectionThatDiedIdleCostsTheNextMessageNothing) {
  build();
  deliver(1, 1);
  provider.say = [](const std::string& line, std::size_t connection) {
    return line.rfind("MAIL", 0) == 0 && connection == 0 ? std::string("-") : std::string();
  };

  deliver(2, 2);

  EXPECT_EQ(attempts.size(), 2u);
  EXPECT_EQ(provider.messages, 2u);
  EXPECT_EQ(provider.connections(), 2u);
  EXPECT_TRUE(troubles.empty());
  EXPECT_TRUE(back.empty());
}

ReplyRule rule(const std::string& text, ReplyRule::Then then) {
  ReplyRule made;
  made.id = "up-" + text;
  made.text = {text};
  made.then = then;
  return made;
}

TEST_F(UpstreamTest, ASessionThatTheProviderEndsInItsOwnWordsCostsTheNextMessageNothing) {
  settings.rules = {rule("timeout waiting", ReplyRule::Then::Reconnect)};
  build();
  provider.say = [this](const std::string& line, std::size_t connection) {
    if (connection != 0 || provider.messages == 0) return std::string();
    if (line.rfind("MAIL", 0) == 0) return std::string("451 4.4.2 Timeout waiting for data from client.\r\n");
    return std::string(line == "QUIT" ? "" : "503 bad sequence\r\n");
  };

  deliver(1, 3);

  EXPECT_EQ(provider.messages, 3u);
  EXPECT_EQ(provider.connections(), 2u);
  EXPECT_EQ(attempts.size(), 3u);
  EXPECT_TRUE(back.empty());
}

TEST_F(UpstreamTest, ARefusedLoginSaysWithWhichSecretItWasTried) {
  build();
  provider.say = [](const std::string& line, std::size_t) {
    return line.rfind("AUTH", 0) == 0 ? std::string("535 no\r\n") : std::string();
  };

  deliver(1, 1);

  ASSERT_EQ(troubles.size(), 1u);
  EXPECT_EQ(troubles[0].secret_mark, secret_fingerprint(Secret("letmein"), "up"));
}

TEST_F(UpstreamTest, ALoginIsToldBeforeItsCredentialIsOnItsWay) {
  build();
  std::vector<std::size_t> told;
  provider.say = [this, &told](const std::string& line, std::size_t) {
    if (line.rfind("EHLO", 0) == 0 || line.rfind("AUTH", 0) == 0) told.push_back(logins.size());
    return std::string();
  };

  deliver(1, 3);

  EXPECT_EQ(told, (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(logins.size(), 1u);
}

TEST_F(UpstreamTest, ALoginThatOneConnectionTooManyWasToldGoodbyeAtIsNotJudged) {
  settings.max_connections = 2;
  build();
  provider.say = [](const std::string& line, std::size_t connection) {
    const bool too_many = connection == 1 && line.rfind("AUTH", 0) == 0;
    return std::string(too_many ? "421 too many connections\r\n" : "");
  };
  settle_at_once = false;

  deliver(1, 12);

  EXPECT_TRUE(troubles.empty());
  EXPECT_EQ(logins,
            (std::vector<LoginNews>{LoginNews::Presented, LoginNews::Presented, LoginNews::Unjudged}));
}

TEST_F(UpstreamTest, WhatARuleSaysOfALoginGoesWithTheTrouble) {
  settings.rules = {rule("system busy", ReplyRule::Then::PauseQuota)};
  settings.rules[0].alert = Alert::Third;
  settings.rules[0].pause.first = std::chrono::hours(2);
  build();
  provider.say = [](const std::string& line, std::size_t) {
    return line.rfind("AUTH", 0) == 0 ? std::string("535 Error: System busy\r\n") : std::string();
  };

  deliver(1, 2);

  ASSERT_EQ(troubles.size(), 1u);
  EXPECT_EQ(troubles[0].rule, "up-system busy");
  EXPECT_EQ(troubles[0].alert, Alert::Third);
  ASSERT_TRUE(troubles[0].pause);
  EXPECT_EQ(troubles[0].pause->kind, Pause::Kind::Quota);
  EXPECT_EQ(troubles[0].pause->first, std::chrono::hours(2));
  EXPECT_EQ(back.size(), 2u);
}

TEST_F(UpstreamTest, AReplyThatSaysHowLongToWaitIsHeeded) {
  build();
  provider.say = [](const std::string& line, std::size_t) {
    return line.rfind("RCPT", 0) == 0 ? std::string("450 4.7.1 Greylisted, try again in 7 minutes\r\n")
                                      : std::string();
  };

  deliver(1, 1);

  ASSERT_EQ(attempts.size(), 1u);
  EXPECT_EQ(attempts[0].verdicts.at(0).retry_in, std::chrono::minutes(7));
}

TEST_F(UpstreamTest, WhoRefusesEverybodyInTheSameWordsBouncesNoMoreThanFive) {
  build();
  provider.say = [](const std::string& line, std::size_t) {
    return line == "DATA" ? std::string("554 5.7.1 Access denied\r\n") : std::string();
  };

  for (int i = 1; i <= 6; ++i) {
    Parcel one = parcel(i);
    one.recipients.front().recipient.mailbox = Mailbox("r" + std::to_string(i), "r.test");
    upstream->deliver(std::move(one));
  }
  loop.run();

  ASSERT_EQ(attempts.size(), 6u);
  EXPECT_EQ(attempts[4].verdicts.at(0).fate, Fate::Refused);
  EXPECT_EQ(attempts[5].verdicts.at(0).fate, Fate::Deferred);
  EXPECT_EQ(attempts[5].verdicts.at(0).pause, Pause{Pause::Kind::Person});
}

TEST_F(UpstreamTest, ALoginThatSaysHowLongToWaitIsHeeded) {
  build();
  provider.say = [](const std::string& line, std::size_t) {
    return line.rfind("AUTH", 0) == 0 ? std::string("454 4.7.0 Too many logins, wait 90 minutes\r\n")
                                      : std::string();
  };

  deliver(1, 1);

  ASSERT_EQ(troubles.size(), 1u);
  ASSERT_TRUE(troubles[0].pause);
  EXPECT_EQ(troubles[0].pause->told, std::chrono::minutes(90));
}

TEST_F(UpstreamTest, TheFormOfALoginIsRefusedInTheProvidersOwnWords) {
  settings.auth = {"plain", "login"};
  settings.rules = {rule("auth failure", ReplyRule::Then::OtherMechanism)};
  build();
  provider.say = [](const std::string& line, std::size_t) {
    if (line.rfind("EHLO", 0) == 0) return std::string("250-up.test\r\n250 AUTH PLAIN LOGIN\r\n");
    if (line.rfind("AUTH PLAIN", 0) == 0) return std::string("553 5.3.0 Auth failure\r\n");
    if (line == "AUTH LOGIN") return std::string("334 dXNlcm5hbWU6\r\n");
    if (line == "bWVAdXAudGVzdA==") return std::string("334 UGFzc3dvcmQ6\r\n");
    if (line == "bGV0bWVpbg==") return std::string("235 welcome\r\n");
    return std::string();
  };

  deliver(1, 1);

  EXPECT_EQ(provider.messages, 1u);
  EXPECT_TRUE(troubles.empty());
}

TEST_F(UpstreamTest, AnUpstreamThatHangsUpAtEveryMailIsNotHammered) {
  build();
  provider.say = [](const std::string& line, std::size_t) {
    return line.rfind("MAIL", 0) == 0 ? std::string("-") : std::string();
  };

  deliver(1, 3);

  EXPECT_EQ(provider.connections(), 1u);
  EXPECT_EQ(troubles.size(), 1u);
  EXPECT_EQ(back.size(), 2u);
}

TEST_F(UpstreamTest, AMessageOnWhichANewConnectionIsLostIsNotSimplyNext) {
  build();
  for (const char* answer : {"-", "421 4.3.2 bye\r\n"}) {
    provider.say = [answer](const std::string& line, std::size_t) {
      return line.rfind("MAIL", 0) == 0 ? std::string(answer) : std::string();
    };
    attempts.clear();
    back.clear();

    deliver(1, 1);

    ASSERT_EQ(attempts.size(), 1u) << answer;
    EXPECT_EQ(attempts[0].verdicts.at(0).fate, Fate::Deferred);
    EXPECT_EQ(attempts[0].verdicts.at(0).blame, Blame::Upstream);
    EXPECT_EQ(attempts[0].verdicts.at(0).stage, Stage::MailFrom);
    EXPECT_TRUE(back.empty());
  }
}

TEST_F(UpstreamTest, ALostFinalReplyLeavesTheMessageInDoubt) {
  build();
  provider.say = [](const std::string& line, std::size_t) {
    return line == "." ? std::string("-") : std::string();
  };

  deliver(1, 1);

  ASSERT_EQ(attempts.size(), 1u);
  EXPECT_TRUE(attempts[0].verdicts.at(0).in_doubt);
  EXPECT_EQ(attempts[0].verdicts.at(0).fate, Fate::Deferred);
  EXPECT_TRUE(attempts[0].record.in_doubt);
}

TEST_F(UpstreamTest, AConnectionIsClosedAfterAsManyMessagesAsItMayCarry) {
  settings.messages_per_connection = 2;
  build();

  deliver(1, 5);

  EXPECT_EQ(provider.messages, 5u);
  EXPECT_EQ(provider.connections(), 3u);
  EXPECT_TRUE(troubles.empty());
}

TEST_F(UpstreamTest, ATokenIsFetchedForEachConnectionAndGivenToNoOtherMechanism) {
  settings.token_command = {"oauth-token"};
  settings.auth = {"plain", "xoauth2"};
  settings.messages_per_connection = 2;
  provider.say = [](const std::string& line, std::size_t) {
    return line.starts_with("EHLO") ? "250-up.test\r\n250 AUTH PLAIN XOAUTH2\r\n" : "";
  };
  build();

  deliver(1, 5);

  EXPECT_EQ(provider.messages, 5u);
  EXPECT_EQ(provider.connections(), 3u);
  EXPECT_EQ(secrets_fetched, 3);
  EXPECT_EQ(std::count_if(provider.lines.begin(), provider.lines.end(),
                          [](const std::string& line) { return line.starts_with("AUTH XOAUTH2 "); }),
            3);
}

TEST_F(UpstreamTest, APasswordIsFetchedOnceForAllConnections) {
  settings.messages_per_connection = 2;
  build();

  deliver(1, 5);

  EXPECT_EQ(provider.connections(), 3u);
  EXPECT_EQ(secrets_fetched, 1);
}

TEST_F(UpstreamTest, AnIdleConnectionSaysQuit) {
  build();
  deliver(1, 1);
  ASSERT_EQ(upstream->connections(), 1u);

  loop.advance(settings.idle_close);

  EXPECT_EQ(upstream->connections(), 0u);
  EXPECT_EQ(provider.lines.back(), "QUIT");
  EXPECT_TRUE(provider.ended(0));
}

TEST_F(UpstreamTest, OneConnectionMoreThanTheUpstreamLikesIsNoTrouble) {
  settings.max_connections = 2;
  build();
  deliver(1, 1);
  provider.greeting = "421 too many connections\r\n";

  deliver(2, 30);

  EXPECT_EQ(provider.messages, 30u);
  EXPECT_TRUE(troubles.empty());
}

TEST_F(UpstreamTest, WithNoConnectionAllowedNothingIsBegunAndWhatWaitsGoesBack) {
  build();
  deliver(1, 1);
  upstream->allow_connections(0);

  deliver(2, 3);

  EXPECT_EQ(upstream->room(), 0u);
  EXPECT_EQ(back.size(), 2u);
  EXPECT_EQ(provider.messages, 1u);
  EXPECT_EQ(provider.connections(), 1u);
}

TEST_F(UpstreamTest, ShutdownReturnsWhatIsNotBegun) {
  build();
  dialer.silent = true;
  deliver(1, 4);

  upstream->shut_down();
  loop.run();

  EXPECT_EQ(back.size(), 4u);
  EXPECT_EQ(upstream->room(), 0u);
}

TEST_F(UpstreamTest, ALargeMessageIsReadFromTheQueueChunkByChunk) {
  build();
  const std::string content = "Subject: x\r\n\r\n" + std::string(300'000, 'x') + "\r\n";
  auto draft = queue.open(MessageId{1}, std::nullopt);
  draft->append(content);
  NewMessage message;
  message.id = MessageId{1};
  message.recipients.push_back({{*Mailbox::parse("b@r.test"), {}, {}}, "up"});
  message.bytes = content.size();
  draft->commit(std::move(message), [](QueueResult<void>) {});
  loop.run();
  Parcel big = parcel(1);
  big.content.reset();
  big.bytes = content.size();

  upstream->deliver(std::move(big));
  loop.run();

  ASSERT_EQ(attempts.size(), 1u);
  EXPECT_EQ(attempts[0].verdicts.at(0).fate, Fate::Delivered);
}

TEST_F(UpstreamTest, TheEnvelopeSenderFollowsTheLoginWhereAsked) {
  settings.envelope_sender = "login";
  build();

  deliver(1, 1);

  EXPECT_NE(std::find(provider.lines.begin(), provider.lines.end(), "MAIL FROM:<me@up.test>"),
            provider.lines.end());
}

}  // namespace
}  // namespace mailchute
