// What a driver may rely on; what a client may rely on is in tests/dialog.
#include "smtp/server_session.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/limits.h"
#include "fake/server_driver.h"

namespace mailchute {
namespace {

using test::Question;
using test::ServerDriver;

ServerOptions options() {
  ServerOptions options;
  options.hostname = "relay.test";
  options.mail_domain = "home.test";
  return options;
}

/// A session that has been greeted and has its EHLO behind it; all output taken.
ServerSession after_ehlo(ServerOptions all = options()) {
  ServerSession session(std::move(all));
  session.greet();
  session.receive("EHLO c.test\r\n");
  EXPECT_FALSE(session.next_event());
  session.take_output();
  return session;
}

/// The next event, which must be of this kind.
template <typename Event>
Event expect_event(ServerSession& session) {
  auto event = session.next_event();
  EXPECT_TRUE(event);
  EXPECT_TRUE(std::holds_alternative<Event>(*event)) << "another event, number " << event->index();
  return std::get<Event>(*std::move(event));
}

void accept_envelope(ServerSession& session) {
  session.receive("MAIL FROM:<a@s.test>\r\nRCPT TO:<b@r.test>\r\n");
  expect_event<server_event::SenderNamed>(session);
  session.answer({250, "", ""});
  expect_event<server_event::RecipientNamed>(session);
  session.answer({250, "", ""});
  EXPECT_FALSE(session.next_event());
  session.take_output();
}

/// A session that has said 354.
ServerSession in_content(ServerOptions all = options()) {
  ServerSession session = after_ehlo(std::move(all));
  accept_envelope(session);
  session.receive("DATA\r\n");
  expect_event<server_event::ContentBegins>(session);
  session.answer({250, "", ""});
  EXPECT_FALSE(session.next_event());
  EXPECT_EQ(session.take_output().substr(0, 4), "354 ");
  return session;
}

void expect_closed(ServerSession& session, const std::string& last_words) {
  expect_event<server_event::Close>(session);
  EXPECT_EQ(session.take_output().substr(0, last_words.size()), last_words);
  EXPECT_FALSE(session.wants_input());
  EXPECT_EQ(session.patience().limit, Duration::zero());
  session.receive("NOOP\r\n");
  EXPECT_FALSE(session.next_event());
  EXPECT_FALSE(session.has_output());
}

TEST(ServerSession, GreetsWithItsNameOrWithWhatItWasTold) {
  ServerSession plain(options());
  ServerOptions other = options();
  other.greeting = "sandbox ESMTP";
  ServerSession told(other);

  plain.greet();
  told.greet();

  EXPECT_EQ(plain.take_output(), "220 relay.test ESMTP mailchute\r\n");
  EXPECT_EQ(told.take_output(), "220 sandbox ESMTP\r\n");
}

// S009.
TEST(ServerSession, ClosesOnBytesBeforeTheGreeting) {
  ServerSession session(options());

  session.receive("HELO x\r\nMAIL FROM:<a@s>\r\n");
  session.greet();

  expect_closed(session, "554 5.5.0 ");
}

// S169.
TEST(ServerSession, CanRefuseAConnection) {
  ServerSession session(options());

  session.refuse_connection({421, "4.7.0", "Too many connections, try again"});

  expect_closed(session, "421 4.7.0 Too many connections, try again\r\n");
}

TEST(ServerSession, OffersWhatItsOptionsSay) {
  ServerOptions bare = options();
  bare.pipelining = bare.chunking = bare.smtputf8 = false;
  bare.size_offered = 7;
  ServerDriver driver(bare);
  driver.greet();
  driver.take_said();

  driver.hear("EHLO c\r\n");

  EXPECT_EQ(driver.take_said(),
            "250-relay.test\r\n250-SIZE 7\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 DSN\r\n");
}

TEST(ServerSession, LooksAtNoInputWhileAnAnswerIsOwed) {
  ServerSession session = after_ehlo();

  session.receive("MAIL FROM:<a@s.test>\r\nRSET\r\n");
  const auto named = expect_event<server_event::SenderNamed>(session);

  EXPECT_EQ(named.envelope->sender->text(), "a@s.test");
  EXPECT_FALSE(session.next_event());
  EXPECT_FALSE(session.has_output());
  EXPECT_FALSE(session.wants_input());
  EXPECT_EQ(session.patience().limit, Duration::zero());
  session.answer({250, "", ""});
  EXPECT_FALSE(session.next_event());
  EXPECT_EQ(session.take_output(), "250 2.1.0 Ok\r\n250 2.0.0 Ok\r\n");
}

TEST(ServerSession, ShowsARecipientBeforeItIsInTheEnvelope) {
  ServerSession session = after_ehlo();
  session.receive("MAIL FROM:<>\r\n");
  expect_event<server_event::SenderNamed>(session);
  session.answer({250, "", ""});

  session.receive("RCPT TO:<root> NOTIFY=NEVER\r\n");
  const auto named = expect_event<server_event::RecipientNamed>(session);

  EXPECT_FALSE(named.envelope->sender);
  EXPECT_TRUE(named.envelope->recipients.empty());
  EXPECT_EQ(named.recipient->mailbox.text(), "root@home.test");
  EXPECT_TRUE(named.recipient->notify.never);
}

TEST(ServerSession, CountsRecipientsByTheirLengthToo) {
  ServerSession session = after_ehlo();
  session.receive("MAIL FROM:<a@s.test>\r\n");
  expect_event<server_event::SenderNamed>(session);
  session.answer({250, "", ""});
  std::size_t taken = 0;
  std::string said;
  while (taken < 1000) {
    session.receive("RCPT TO:<b" + std::to_string(taken) + "@r.test> ORCPT=rfc822;" + std::string(450, 'x') +
                    "\r\n");
    if (!session.next_event()) break;
    session.answer({250, "", ""});
    EXPECT_FALSE(session.next_event());
    said = session.take_output();
    ++taken;
  }

  EXPECT_GT(taken, 250u);
  EXPECT_LT(taken, 300u);
  EXPECT_EQ(session.take_output().substr(0, 10), "452 4.5.3 ");
}

TEST(ServerSession, Says250OnlyWhenTheMessageWasAnswered) {
  ServerSession session = in_content();

  session.receive("hi\r\n.\r\n");
  EXPECT_EQ(expect_event<server_event::Content>(session).bytes, "hi\r\n");
  const auto end = expect_event<server_event::ContentEnds>(session);

  EXPECT_EQ(end.envelope->recipients.size(), 1u);
  EXPECT_FALSE(session.next_event());
  EXPECT_FALSE(session.has_output());
  session.answer({250, "2.0.0", "queued as X"});
  EXPECT_EQ(session.take_output(), "250 2.0.0 queued as X\r\n");
}

TEST(ServerSession, GivesContentInBoundedPieces) {
  ServerSession session = in_content();
  std::string content;

  session.receive(std::string(limits::kReadBytes, '\n'));
  while (auto event = session.next_event()) {
    const auto& piece = std::get<server_event::Content>(*event).bytes;
    EXPECT_LE(piece.size(), limits::kChunkBytes + 2);
    content += piece;
  }

  EXPECT_EQ(content.size(), 2 * limits::kReadBytes);
}

TEST(ServerSession, AbandonsTheDraftAsSoonAsItCannotBeTaken) {
  ServerSession session = in_content();

  session.receive(std::string_view("a\0b\r\n", 5));

  expect_event<server_event::ContentAbandoned>(session);
  session.receive("more\r\n.\r\n");
  EXPECT_FALSE(session.next_event());
  EXPECT_EQ(session.take_output(), "550 5.6.0 The message holds a NUL byte\r\n");
}

TEST(ServerSession, AbandonsTheDraftWhenThePeerGoes) {
  ServerSession session = in_content();

  session.receive("half a mess");
  expect_event<server_event::Content>(session);
  session.receive_end();

  expect_event<server_event::ContentAbandoned>(session);
  expect_event<server_event::Close>(session);
}

TEST(ServerSession, AbandonsTheDraftAtRsetBetweenChunks) {
  ServerDriver driver(options());
  driver.greet();
  driver.hear("EHLO c\r\n");
  driver.hear("MAIL FROM:<a@s>\r\nRCPT TO:<b@r>\r\nBDAT 3\r\nabc");
  EXPECT_TRUE(driver.draft_open());

  driver.hear("RSET\r\n");

  EXPECT_FALSE(driver.draft_open());
  EXPECT_EQ(driver.drafts_abandoned(), 1);
}

// S011, with the content arriving while the store thinks about the draft.
TEST(ServerSession, RefusesContentThatComesBeforeThe354) {
  ServerSession session = after_ehlo();
  accept_envelope(session);
  session.receive("DATA\r\n");
  expect_event<server_event::ContentBegins>(session);

  session.receive("Subject: x\r\n");
  session.answer({250, "", ""});

  expect_event<server_event::ContentAbandoned>(session);
  expect_closed(session, "554 5.5.0 ");
}

TEST(ServerSession, CountsPatienceForAWholeCommand) {
  ServerSession session = after_ehlo();
  const Patience before = session.patience();

  session.receive("NO");
  EXPECT_FALSE(session.next_event());
  EXPECT_EQ(session.patience().epoch, before.epoch);
  EXPECT_EQ(before.limit, options().command_patience);
  session.receive("OP\r\n");
  EXPECT_FALSE(session.next_event());
  EXPECT_NE(session.patience().epoch, before.epoch);
}

TEST(ServerSession, CountsPatienceForEachFourKibibytesOfContent) {
  ServerSession session = in_content();
  const Patience before = session.patience();
  EXPECT_EQ(before.limit, options().content_patience);

  for (int i = 0; i < 4095; ++i) {
    session.receive("x");
    while (session.next_event()) {
    }
  }
  EXPECT_EQ(session.patience().epoch, before.epoch);
  session.receive("x");
  while (session.next_event()) {
  }

  EXPECT_EQ(session.patience().epoch, before.epoch + 1);
}

TEST(ServerSession, TellsTheDriverToSetItsAlarmAnewWheneverTheWaitingChanges) {
  ServerSession session = after_ehlo();
  std::vector<std::uint64_t> epochs = {session.patience().epoch};

  session.receive("MAIL FROM:<a@s.test>\r\n");
  expect_event<server_event::SenderNamed>(session);
  epochs.push_back(session.patience().epoch);
  session.answer({250, "", ""});
  epochs.push_back(session.patience().epoch);
  session.time_out();
  epochs.push_back(session.patience().epoch);

  for (std::size_t i = 1; i < epochs.size(); ++i) EXPECT_GT(epochs[i], epochs[i - 1]);
}

// S148.
TEST(ServerSession, EndsWhenTimeIsUp) {
  ServerSession idle = after_ehlo();
  ServerSession content = in_content();

  idle.time_out();
  content.time_out();

  expect_closed(idle, "421 4.4.2 ");
  expect_event<server_event::ContentAbandoned>(content);
  expect_closed(content, "421 4.4.2 ");
}

TEST(ServerSession, DoesNotTimeOutWhileItOwesTheNextStepItself) {
  ServerSession session = in_content();
  session.receive(".\r\n");
  expect_event<server_event::ContentEnds>(session);

  session.time_out();

  EXPECT_FALSE(session.next_event());
  session.answer({250, "2.0.0", "Ok"});
  EXPECT_EQ(session.take_output(), "250 2.0.0 Ok\r\n");
}

TEST(ServerSession, AHandshakeThatDoesNotComeToItsEndEndsWithoutAWord) {
  ServerOptions all = options();
  all.starttls = ServerOptions::StartTls::Offered;
  ServerSession session = after_ehlo(all);
  session.receive("STARTTLS\r\n");
  expect_event<server_event::TlsWanted>(session);
  session.take_output();
  EXPECT_EQ(session.patience().limit, all.command_patience);

  session.time_out();

  expect_closed(session, "");
}

TEST(ServerSession, IsLessPatientWithAStrangerUntilItIsLoggedIn) {
  ServerOptions all = options();
  all.logins = ServerOptions::Logins::Required;
  all.secured = true;
  all.login_patience = Duration{5'000};
  ServerSession session = after_ehlo(all);
  EXPECT_EQ(session.patience().limit, all.login_patience);

  session.receive("AUTH PLAIN AGEAYg==\r\n");
  const auto login = expect_event<server_event::LoginAttempted>(session);
  EXPECT_EQ(login.user, "a");
  EXPECT_EQ(login.password.reveal(), "b");
  session.answer({235, "", ""});

  EXPECT_EQ(session.patience().limit, all.command_patience);
}

// S168.
TEST(ServerSession, EndsAnIdleSessionAtShutDown) {
  ServerSession session = after_ehlo();

  session.shut_down();

  expect_closed(session, "421 4.3.2 ");
}

TEST(ServerSession, EndsHalfAMessageAtShutDown) {
  ServerSession session = in_content();
  session.receive("half");
  expect_event<server_event::Content>(session);

  session.shut_down();

  expect_event<server_event::ContentAbandoned>(session);
  expect_closed(session, "421 4.3.2 ");
}

TEST(ServerSession, GivesAWholeMessageItsRealAnswerAtShutDown) {
  ServerSession session = in_content();
  session.receive(".\r\nMAIL FROM:<c@s.test>\r\n");
  expect_event<server_event::ContentEnds>(session);

  session.shut_down();

  EXPECT_FALSE(session.next_event());
  session.answer({250, "2.0.0", "Ok"});
  expect_closed(session, "250 2.0.0 Ok\r\n421 4.3.2 ");
}

TEST(ServerSession, DropsAQuestionAtShutDownAndIgnoresItsLateAnswer) {
  ServerSession session = after_ehlo();
  session.receive("MAIL FROM:<a@s.test>\r\n");
  expect_event<server_event::SenderNamed>(session);

  session.shut_down();
  session.answer({250, "", ""});

  expect_closed(session, "421 4.3.2 ");
}

TEST(ServerSession, NeverMentionsADraftThatNobodyHeardOf) {
  ServerSession session = after_ehlo();
  accept_envelope(session);
  session.receive("MAIL FROM:<a@s.test>\r\nDATA\r\n");

  session.shut_down();

  expect_closed(session, "421 4.3.2 ");
}

// S089: a client that only shuts its sending side down still hears the answer.
TEST(ServerSession, AnswersAWholeMessageWhosePeerSendsNoMore) {
  ServerSession session = in_content();
  session.receive(".\r\n");
  session.receive_end();
  expect_event<server_event::ContentEnds>(session);
  EXPECT_FALSE(session.next_event());

  session.answer({250, "2.0.0", "Ok"});

  expect_closed(session, "250 2.0.0 Ok\r\n");
}

TEST(ServerSession, ForgetsWhatWasSaidBeforeTls) {
  ServerOptions tls = options();
  tls.starttls = ServerOptions::StartTls::Offered;
  ServerSession session = after_ehlo(tls);
  session.receive("STARTTLS\r\n");
  expect_event<server_event::TlsWanted>(session);
  EXPECT_EQ(session.take_output(), "220 2.0.0 Ready to start TLS\r\n");

  session.secured();

  EXPECT_TRUE(session.is_secured());
  EXPECT_FALSE(session.extended());
  EXPECT_EQ(session.helo(), "");
  EXPECT_TRUE(session.wants_input());
}

TEST(ServerSession, ClosesOnPlaintextBehindStarttls) {
  ServerOptions tls = options();
  tls.starttls = ServerOptions::StartTls::Offered;
  ServerSession session = after_ehlo(tls);
  session.receive("STARTTLS\r\n");
  expect_event<server_event::TlsWanted>(session);
  session.take_output();

  session.receive("EHLO evil\r\n");

  expect_closed(session, "");
}

TEST(ServerSession, AsksForALoginWithUserAndPassword) {
  ServerOptions logins = options();
  logins.logins = ServerOptions::Logins::Required;
  logins.secured = true;
  ServerSession session = after_ehlo(logins);

  session.receive("AUTH PLAIN AHVzZXIAcGFzcw==\r\n");
  const auto login = expect_event<server_event::LoginAttempted>(session);

  EXPECT_EQ(login.mechanism, "plain");
  EXPECT_EQ(login.user, "user");
  EXPECT_EQ(login.password.reveal(), "pass");
  EXPECT_FALSE(session.logged_in());
  session.answer({235, "", ""});
  EXPECT_TRUE(session.logged_in());
}

TEST(ServerSession, ShowsMailWhereThatIsOfferedAndWaitsForTheAnswer) {
  ServerOptions shown = options();
  shown.own_mail = ServerOptions::OwnMail::Offered;
  ServerSession session(shown);
  session.greet();
  session.take_output();

  session.receive("XQUEUE\r\nXQUEUE 77-000000000007\r\nNOOP\r\n");

  EXPECT_EQ(expect_event<server_event::OwnMailAsked>(session).from, "");
  EXPECT_FALSE(session.next_event());
  session.answer({250, "2.0.0", "one\ntwo"});
  EXPECT_EQ(expect_event<server_event::OwnMailAsked>(session).from, "77-000000000007");
  session.answer({451, "4.3.0", "not now"});
  EXPECT_FALSE(session.next_event());
  EXPECT_EQ(session.take_output(), "250-2.0.0 one\r\n250 2.0.0 two\r\n451 4.3.0 not now\r\n250 2.0.0 Ok\r\n");
}

TEST(ServerSession, RemembersWhoSpeaksAndHow) {
  ServerSession session(options());
  session.greet();

  session.receive("HELO old.test\r\n");
  EXPECT_FALSE(session.next_event());
  EXPECT_EQ(session.helo(), "old.test");
  EXPECT_FALSE(session.extended());
  session.receive("EHLO new.test\r\n");
  EXPECT_FALSE(session.next_event());

  EXPECT_EQ(session.helo(), "new.test");
  EXPECT_TRUE(session.extended());
}

TEST(ServerSession, KeepsItsRepliesWithinALineWhateverTheyAreBuiltFrom) {
  ServerOptions odd = options();
  odd.greeting = std::string(2000, 'g') + "\r\n220 evil";
  ServerSession session(odd);

  session.greet();

  const std::string said = session.take_output();
  for (std::size_t at = 0, end; at < said.size(); at = end + 2) {
    end = said.find("\r\n", at);
    ASSERT_NE(end, std::string::npos);
    EXPECT_LE(end + 2 - at, 512u);
    EXPECT_EQ(said.substr(at, 3), "220");
  }
}

// S167.
TEST(ServerSession, EchoesNothingOfWhatItRefuses) {
  const std::string mark = "Zq9Zq9";
  const std::vector<std::string> lines = {mark,
                                          "EHLO <" + mark + ">",
                                          "MAIL FROM:<" + mark,
                                          "RCPT TO:<" + mark,
                                          "HELP " + mark,
                                          "VRFY " + mark,
                                          "MAIL FROM:<a@b> " + mark + "=1",
                                          "NOOP " + mark,
                                          "BDAT " + mark};
  ServerDriver driver(options());
  driver.greet();

  for (const auto& line : lines) driver.hear(line + "\r\n");

  EXPECT_EQ(driver.take_said().find(mark), std::string::npos);
}

// S035, S154.
TEST(ServerSession, WantsNoInputWhileMuchOutputWaits) {
  ServerSession session = after_ehlo();
  EXPECT_TRUE(session.wants_input());

  while (session.wants_input()) {
    session.receive("EHLO c\r\n");
    ASSERT_FALSE(session.next_event());
  }
  EXPECT_LT(session.take_output().size(), limits::kOutputBytes + 512);

  EXPECT_TRUE(session.wants_input());
}

// S035: the replies to one read of bad recipients are three times as long as it.
TEST(ServerSession, AnswersNoMoreOfOneReadThanIsTakenFromIt) {
  ServerSession session = after_ehlo();
  accept_envelope(session);
  std::string commands;
  std::size_t asked = 0;
  for (; commands.size() < limits::kReadBytes; ++asked) commands += "RCPT TO:x\r\n";

  session.receive(commands);
  std::size_t answers = 0;
  for (std::string said = "more"; !said.empty();) {
    ASSERT_FALSE(session.next_event());
    said = session.take_output();
    EXPECT_LT(said.size(), 16 * 1024 + 512U);
    answers += static_cast<std::size_t>(std::count(said.begin(), said.end(), '\n'));
  }

  EXPECT_EQ(answers, asked);
}

// S158.
TEST(ServerSession, TakesAMessageBitByBit) {
  ServerDriver driver(options());
  driver.greet();
  driver.hear("EHLO c\r\n");
  driver.hear("MAIL FROM:<a@s>\r\nRCPT TO:<b@r>\r\n");
  driver.hear("DATA\r\n");

  for (int i = 0; i < 200'000; ++i) driver.hear("x");
  driver.hear("\r\n.\r\n");

  ASSERT_EQ(driver.messages().size(), 1u);
  EXPECT_EQ(driver.messages()[0].content.size(), 200'002u);
}

}  // namespace
}  // namespace mailchute
