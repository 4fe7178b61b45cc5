#include "accept/connection.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "fake/fake_loop.h"
#include "fake/fake_queue.h"
#include "fake/fake_random.h"
#include "fake/memory_stream.h"
#include "fake/tls_over.h"

namespace mailchute {
namespace {

constexpr const char* kMessage =
    "EHLO c.test\r\n|MAIL FROM:<a@s.test>\r\nRCPT TO:<b@r.test>\r\nDATA\r\n|Subject: "
    "hello\r\n\r\nhi\r\n.\r\n";

/// Answers with what it was asked.
class EchoingWindow final : public MailWindow {
 public:
  void show(std::optional<std::uint32_t> uid, const std::string& from,
            UniqueFunction<void(Reply)> then) override {
    asked += (uid ? std::to_string(*uid) : "everybody") + "/" + from + " ";
    late.push_back(std::move(then));
  }
  void answer() {
    for (auto& then : std::exchange(late, {})) then({250, "2.0.0", "page"});
  }
  std::string asked;
  std::vector<UniqueFunction<void(Reply)>> late;
};

/// An app at one end of a wire, and the connection that serves it at the other.
class Conversation : private StreamUser {
 public:
  explicit Conversation(Caller caller = {{"smtp", 1000, {}, {}, "127.0.0.1:50000", {}}, Sight::OwnMail})
      : queue(loop), ids(loop, random, MessageId{1}) {
    rules.session.hostname = "relay.test";
    rules.session.mail_domain.clear();
    rules.mail_domain = "relay.test";
    rules.aliases = Aliases(LocalNames{{}, {}, "relay.test", "relay.test"});
    rules.route = [](const std::optional<Mailbox>&, const Mailbox&) { return std::string("up"); };
    DoorRules door;
    door.strangers = DoorRules::Strangers::LogIn;
    door.logins.add("scanner", Secret(std::string("open sesame")));
    door.put_tls_on = [this](std::unique_ptr<Stream> plain) {
      return std::make_unique<fake::TlsOver>(loop, std::move(plain));
    };
    doorkeeper.change(std::move(door));
    count.came(caller.source);
    auto [ours, theirs] = fake::MemoryStream::pair(loop);
    app = std::move(ours);
    app->start(*this);
    connection = std::make_unique<Connection>(
        std::move(theirs), std::move(caller), rules,
        AcceptTools{queue, ids, loop, loop, turns, {}, &window, &doorkeeper, &count, &room},
        [this](Connection&) { closed = true; });
    connection->open();
    loop.run();
  }
  ~Conversation() override { connection.reset(); }

  /// Says the parts of `script` one after the other; '|' waits for the answers so far.
  void say(std::string_view script) {
    while (!script.empty()) {
      const auto bar = script.find('|');
      app->write(std::string(script.substr(0, bar)));
      loop.run();
      if (bar == std::string_view::npos) return;
      script.remove_prefix(bar + 1);
    }
  }

  std::string last_line() const {
    const auto end = heard.rfind("\r\n");
    const auto start = heard.rfind("\r\n", end - 1);
    return heard.substr(start == std::string::npos ? 0 : start + 2,
                        end - (start == std::string::npos ? 0 : start + 2));
  }

  fake::FakeLoop loop;
  fake::FakeQueue queue;
  fake::FakeRandom random;
  MessageIds ids;
  AcceptRules rules;
  Turns turns;
  EchoingWindow window;
  Doorkeeper doorkeeper;
  ConnectionCount count;
  EnvelopeRoom room;
  std::unique_ptr<fake::MemoryStream> app;
  std::unique_ptr<Connection> connection;
  std::string heard;
  bool closed = false;
  bool ended = false;

 private:
  void on_bytes(std::string_view bytes) override { heard += bytes; }
  void on_end(const StreamEnd&) override { ended = true; }
};

TEST(Connection, PromisesAMessageOnlyOnceItIsOnDisk) {
  Conversation talk;

  talk.say(kMessage);

  ASSERT_EQ(talk.queue.messages.size(), 1u);
  const auto& [id, message] = *talk.queue.messages.begin();
  EXPECT_EQ(talk.last_line(), "250 2.0.0 Ok: queued as " + id.text());
  EXPECT_EQ(message.facts.sender->text(), "a@s.test");
  EXPECT_EQ(message.rows.at(0).recipient.route, "up");
  EXPECT_EQ(message.facts.summary.subject, "hello");
  EXPECT_EQ(message.facts.expires - message.facts.received, std::chrono::hours(120));
}

TEST(Connection, AllThatAnAliasStandsForTakesRoom) {
  Conversation talk;
  AliasTable table;
  for (int i = 0; i < 20'000; ++i)
    table["everybody"].push_back(Mailbox("m" + std::to_string(i), std::string(200, 'd') + ".test"));
  talk.rules.aliases = Aliases(LocalNames{table, {}, "relay.test", "relay.test"});
  talk.rules.session.recipients_max = 30'000;

  talk.say("EHLO c.test\r\n|MAIL FROM:<a@s.test>\r\nRCPT TO:<everybody>\r\n");
  EXPECT_EQ(talk.last_line(), "250 2.1.5 Ok");
  talk.say("RCPT TO:<b@r.test>\r\n");
  EXPECT_EQ(talk.last_line(), "452 4.3.1 Too many unfinished messages; try again later");

  talk.say("RSET\r\nMAIL FROM:<a@s.test>\r\nRCPT TO:<b@r.test>\r\n");
  EXPECT_EQ(talk.last_line(), "250 2.1.5 Ok");
}

TEST(Connection, PutsItsTraceOnTopAndLeavesTheRestAlone) {
  Conversation talk;

  talk.say(kMessage);

  const std::string& content = talk.queue.messages.begin()->second.content;
  EXPECT_EQ(content.rfind("Received: from c.test", 0), 0u) << content;
  EXPECT_NE(content.find("uid 1000"), std::string::npos) << content;
  EXPECT_NE(content.find("\r\nSubject: hello\r\n"), std::string::npos) << content;
  EXPECT_EQ(content.substr(content.size() - 8), "\r\n\r\nhi\r\n") << content;
  EXPECT_EQ(talk.queue.messages.begin()->second.facts.bytes, content.size());
}

TEST(Connection, AFailedCommitIsTheAppsToRetryAndTheSessionGoesOn) {
  Conversation talk;
  talk.queue.fail_commit();

  talk.say(kMessage);

  EXPECT_EQ(talk.last_line().substr(0, 9), "451 4.3.0");
  EXPECT_TRUE(talk.queue.messages.empty());
  talk.say("NOOP\r\n");
  EXPECT_EQ(talk.last_line().substr(0, 3), "250");
}

TEST(Connection, UnderTheReserveTheSenderIsPutOffAndNothingIsStored) {
  Conversation talk;
  talk.queue.admission_now = Admission::DiskReserve;

  talk.say("EHLO c.test\r\n|MAIL FROM:<a@s.test>\r\n");

  EXPECT_EQ(talk.last_line().substr(0, 9), "452 4.3.1");
  talk.say("QUIT\r\n");
  EXPECT_EQ(talk.last_line().substr(0, 3), "221");
}

TEST(Connection, WhoHoldsTooMuchOfTheQueueIsPutOff) {
  Conversation talk;
  talk.queue.admission_now = Admission::UserShare;

  talk.say("EHLO c.test\r\n|MAIL FROM:<a@s.test>\r\n");

  EXPECT_EQ(talk.last_line().substr(0, 13), "452 4.3.1 Too");
}

TEST(Connection, AClientThatLeavesBeforeTheFinalDotLeavesNothing) {
  Conversation talk;

  talk.say(
      "EHLO c.test\r\n|MAIL FROM:<a@s.test>\r\nRCPT TO:<b@r.test>\r\nDATA\r\n|Subject: x\r\n\r\nhi\r\n.\r");
  talk.app->cut();
  talk.loop.run();

  EXPECT_TRUE(talk.closed);
  EXPECT_TRUE(talk.queue.messages.empty());
}

TEST(Connection, AClientThatHalfClosesBehindTheFinalDotGetsItsAnswer) {
  Conversation talk;

  talk.say("EHLO c.test\r\n|MAIL FROM:<a@s.test>\r\nRCPT TO:<b@r.test>\r\nDATA\r\n|");
  talk.app->write("Subject: x\r\n\r\nhi\r\n.\r\n");
  talk.app->finish();
  talk.loop.run();

  EXPECT_EQ(talk.queue.messages.size(), 1u);
  EXPECT_EQ(talk.last_line().substr(0, 9), "250 2.0.0");
  EXPECT_TRUE(talk.closed);
}

TEST(Connection, AMessageWhoseClientIsGoneDuringTheCommitIsKept) {
  Conversation talk;

  talk.say("EHLO c.test\r\n|MAIL FROM:<a@s.test>\r\nRCPT TO:<b@r.test>\r\nDATA\r\n|");
  talk.app->write("Subject: x\r\n\r\nhi\r\n.\r\n");
  while (talk.queue.messages.empty() && talk.loop.turn()) {
  }
  talk.connection.reset();
  talk.loop.run();

  EXPECT_EQ(talk.queue.messages.size(), 1u);
}

TEST(Connection, ALoopOfTraceLinesIsRefusedAndNotStored) {
  Conversation talk;
  std::string script = "EHLO c.test\r\n|MAIL FROM:<a@s.test>\r\nRCPT TO:<b@r.test>\r\nDATA\r\n|";
  for (int i = 0; i < 101; ++i) script += "Received: from x by y; Sun, 01 Mar 2026 12:00:00 +0000\r\n";

  talk.say(script + "\r\nbody\r\n.\r\n");

  EXPECT_EQ(talk.last_line().substr(0, 9), "554 5.4.6");
  EXPECT_TRUE(talk.queue.messages.empty());
}

TEST(Connection, ASilentClientIsSentAwayWhenItsPatienceIsUp) {
  Conversation talk;

  talk.loop.advance(talk.rules.session.command_patience);

  EXPECT_EQ(talk.last_line().substr(0, 9), "421 4.4.2");
  EXPECT_TRUE(talk.ended);
}

TEST(Connection, ADrippingClientGainsNoTime) {
  Conversation talk;

  for (int i = 0; i < 300; ++i) {
    talk.app->write("N");
    talk.loop.advance(std::chrono::seconds(1));
  }

  EXPECT_NE(talk.heard.find("421 4.4.2"), std::string::npos);
}

TEST(Connection, ShutdownEndsAnIdleSessionWith421) {
  Conversation talk;
  talk.say("EHLO c.test\r\n");

  talk.connection->shut_down();
  talk.loop.run();

  EXPECT_EQ(talk.last_line().substr(0, 9), "421 4.3.2");
  EXPECT_TRUE(talk.ended);
}

TEST(Connection, AMessageLargerThanOneChunkArrivesWhole) {
  Conversation talk;
  const std::string line(70, 'x');
  std::string body;
  for (int i = 0; i < 10'000; ++i) body += line + "\r\n";

  talk.say("EHLO c.test\r\n|MAIL FROM:<a@s.test>\r\nRCPT TO:<b@r.test>\r\nDATA\r\n|Subject: big\r\n\r\n" +
           body + ".\r\n");

  ASSERT_EQ(talk.queue.messages.size(), 1u);
  const std::string& content = talk.queue.messages.begin()->second.content;
  EXPECT_EQ(content.substr(content.size() - body.size()), body);
}

TEST(Connection, TwoMessagesInOneSessionDoNotShareRecipients) {
  Conversation talk;

  talk.say(kMessage);
  talk.say("MAIL FROM:<c@s.test>\r\nRCPT TO:<d@r.test>\r\nDATA\r\n|Subject: two\r\n\r\nho\r\n.\r\n");

  ASSERT_EQ(talk.queue.messages.size(), 2u);
  const auto& second = talk.queue.messages.rbegin()->second;
  ASSERT_EQ(second.rows.size(), 1u);
  EXPECT_EQ(second.rows.at(0).recipient.recipient.mailbox.text(), "d@r.test");
}

Caller local(std::optional<std::uint32_t> uid, Sight sight) {
  Caller caller;
  caller.source.kind = "submit";
  caller.source.uid = uid;
  caller.source.command = "mailq";
  caller.sight = sight;
  return caller;
}

TEST(Connection, ShowsALocalUserTheirMailAndNobodyElses_L018) {
  Conversation talk(local(1000, Sight::OwnMail));

  talk.say("XQUEUE\r\nXQUEUE 7-1\r\nNOOP\r\n");
  EXPECT_EQ(talk.window.asked, "1000/ ");
  talk.window.answer();
  talk.loop.run();
  EXPECT_EQ(talk.window.asked, "1000/ 1000/7-1 ");
  talk.window.answer();
  talk.loop.run();

  EXPECT_EQ(talk.heard.substr(talk.heard.find("250 ")),
            "250 2.0.0 page\r\n250 2.0.0 page\r\n250 2.0.0 Ok\r\n");
}

TEST(Connection, ShowsTheOperatorAllMail) {
  Conversation talk(local(0, Sight::AllMail));

  talk.say("XQUEUE\r\n");

  EXPECT_EQ(talk.window.asked, "everybody/ ");
}

TEST(Connection, ShowsNothingToWhoIsNotKnown_L018) {
  Conversation unknown(local(std::nullopt, Sight::OwnMail));
  unknown.say("XQUEUE\r\n");
  EXPECT_EQ(unknown.last_line().substr(0, 9), "550 5.7.1");
  EXPECT_EQ(unknown.window.asked, "");

  Conversation by_port;
  by_port.say("XQUEUE\r\n");
  EXPECT_EQ(by_port.last_line().substr(0, 9), "500 5.5.1");
  EXPECT_EQ(by_port.window.asked, "");
}

TEST(Connection, AnAnswerForAClientThatIsGoneIsDropped) {
  Conversation talk(local(1000, Sight::OwnMail));
  talk.say("XQUEUE\r\n");

  talk.app->cut();
  talk.loop.run();
  talk.connection.reset();
  talk.window.answer();
  talk.loop.run();

  EXPECT_TRUE(talk.closed);
}

TEST(Connection, ByTheSubmitSocketTheTraceNamesTheUserAndNoHost) {
  Conversation talk(local(1000, Sight::OwnMail));

  talk.say(kMessage);

  const auto& message = talk.queue.messages.begin()->second;
  EXPECT_EQ(message.content.rfind("Received: (uid 1000)", 0), 0u) << message.content;
  EXPECT_EQ(message.content.find("c.test"), std::string::npos) << message.content;
  EXPECT_EQ(message.facts.source.kind, "submit");
}

/// One of another machine. The password is base64 of NUL scanner NUL `open sesame`.
constexpr char kIntoTls[] = "EHLO c.test\r\n|STARTTLS\r\n|EHLO c.test\r\n|";
constexpr char kRightLogin[] = "AUTH PLAIN AHNjYW5uZXIAb3BlbiBzZXNhbWU=\r\n|";
constexpr char kWrongLogin[] = "AUTH PLAIN AHNjYW5uZXIAb3Blbg==\r\n|";
constexpr char kEnvelopeAndContent[] =
    "MAIL FROM:<a@s.test>\r\nRCPT TO:<b@r.test>\r\nDATA\r\n|Subject: hello\r\n\r\nhi\r\n.\r\n";

Caller stranger() {
  Caller caller;
  caller.source.kind = "smtp";
  caller.source.address = "192.0.2.7:50000";
  return caller;
}

TEST(Connection, AStrangerSendsNothingBeforeItsLogin) {
  Conversation talk(stranger());

  talk.say(kMessage);
  EXPECT_NE(talk.heard.find("530 5.7.0 Must issue a STARTTLS command first\r\n"), std::string::npos);
  talk.say(kIntoTls);
  talk.say(kEnvelopeAndContent);

  EXPECT_NE(talk.heard.find("530 5.7.0 Login needed\r\n"), std::string::npos);
  EXPECT_TRUE(talk.queue.messages.empty());
}

TEST(Connection, AStrangersLoginIsInTheTraceAndInTheSource) {
  Conversation talk(stranger());

  talk.say(kIntoTls);
  talk.say(kRightLogin);
  talk.say(kEnvelopeAndContent);

  ASSERT_EQ(talk.queue.messages.size(), 1u) << talk.heard;
  const auto& message = talk.queue.messages.begin()->second;
  EXPECT_EQ(message.content.rfind("Received: from c.test ([192.0.2.7]) (login scanner)\r\n", 0), 0u)
      << message.content;
  EXPECT_NE(message.content.find(" with ESMTPSA id "), std::string::npos) << message.content;
  EXPECT_EQ(message.facts.source.login, "scanner");
  EXPECT_EQ(source_text(message.facts.source), "smtp 192.0.2.7:50000 login=scanner");
}

TEST(Connection, AnAppOfThisMachineMaySendWithoutLoginOverTlsAndInClear) {
  Conversation clear;
  Conversation tls;

  clear.say(kMessage);
  tls.say(kIntoTls);
  tls.say(kEnvelopeAndContent);

  ASSERT_EQ(clear.queue.messages.size(), 1u);
  ASSERT_EQ(tls.queue.messages.size(), 1u) << tls.heard;
  EXPECT_NE(clear.queue.messages.begin()->second.content.find(" with ESMTP id "), std::string::npos);
  EXPECT_NE(tls.queue.messages.begin()->second.content.find(" with ESMTPS id "), std::string::npos);
}

TEST(Connection, ARefusedLoginIsAnsweredLateAndAlwaysAsLate) {
  Conversation talk(stranger());
  talk.say(kIntoTls);
  const std::string before = talk.heard;

  for (const char* login : {kWrongLogin, "AUTH PLAIN AHByaW50ZXIAb3BlbiBzZXNhbWU=\r\n"}) {
    talk.heard = before;
    talk.say(login);
    talk.loop.advance(limits::kRefusedLoginDelay - Duration{1});
    EXPECT_EQ(talk.heard, before) << login;
    talk.loop.advance(Duration{1});
    EXPECT_EQ(talk.last_line(), "535 5.7.8 Login refused") << login;
  }
  talk.say(kRightLogin);
  EXPECT_EQ(talk.last_line().substr(0, 9), "235 2.7.0");
}

TEST(Connection, AClientThatLeavesWhileItsRefusalWaitsIsForgotten) {
  Conversation talk(stranger());
  talk.say(kIntoTls);
  talk.say(kWrongLogin);

  talk.app->cut();
  talk.loop.run();
  EXPECT_TRUE(talk.closed);
  talk.connection.reset();
  talk.loop.advance(limits::kRefusedLoginDelay);
}

TEST(Connection, WhenTheCertificateIsGoneAtStarttlsTheConnectionEnds) {
  Conversation talk(stranger());
  talk.say("EHLO c.test\r\n");
  talk.doorkeeper.change(DoorRules());

  talk.say("STARTTLS\r\n");

  EXPECT_TRUE(talk.closed);
}

TEST(Connection, ALoginThatHasAllItsPlacesIsTurnedAway) {
  Conversation talk(stranger());
  talk.rules.connections_per_user_max = 1;
  Source other = stranger().source;
  other.login = "scanner";
  talk.count.came(other);

  talk.say(kIntoTls);
  talk.say(kRightLogin);

  EXPECT_EQ(talk.last_line().substr(0, 9), "421 4.7.0");
  EXPECT_EQ(talk.connection->source().login, "");
}

}  // namespace
}  // namespace mailchute
