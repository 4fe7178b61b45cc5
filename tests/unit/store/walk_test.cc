// A message's walk through the queue: accepted, claimed, settled.
#include <gtest/gtest.h>

#include <string>

#include "base/limits.h"
#include "unit/store/queue_fixture.h"

namespace mailchute {
namespace {

class Walk : public QueueTest {
 protected:
  Walk() { open(); }
};

TEST_F(Walk, AMessageComesOutAsItWentIn) {
  NewMessage made = message({"bob@example.org"});
  made.recipients[0].recipient.notify = {.never = false, .success = true, .failure = true, .delay = false};
  made.recipients[0].recipient.original = "rfc822;bob@example.org";
  made.body = Body::EightBit;
  made.smtputf8 = true;
  made.ret = Return::Headers;
  made.envelope_id = "e1";
  made.notice = true;
  made.summary.automatic = true;
  const MessageId id = accepted(made, "A: b\r\n\r\ntext\r\n");

  const Claimed claimed = claim();

  ASSERT_EQ(claimed.parcels.size(), 1u);
  const Parcel& parcel = claimed.parcels[0];
  EXPECT_EQ(parcel.id, id);
  EXPECT_EQ(parcel.upstream, "qq");
  EXPECT_EQ(parcel.sender, made.sender);
  ASSERT_EQ(parcel.recipients.size(), 1u);
  EXPECT_EQ(parcel.recipients[0].recipient.mailbox, made.recipients[0].recipient.mailbox);
  EXPECT_EQ(parcel.recipients[0].recipient.notify, made.recipients[0].recipient.notify);
  EXPECT_EQ(parcel.recipients[0].recipient.original, "rfc822;bob@example.org");
  EXPECT_EQ(parcel.recipients[0].attempts, 0);
  EXPECT_EQ(parcel.body, Body::EightBit);
  EXPECT_TRUE(parcel.smtputf8);
  EXPECT_EQ(parcel.ret, Return::Headers);
  EXPECT_EQ(parcel.envelope_id, "e1");
  EXPECT_TRUE(parcel.notice);
  EXPECT_EQ(parcel.bytes, 14u);
  EXPECT_EQ(parcel.content, "A: b\r\n\r\ntext\r\n");
  EXPECT_EQ(parcel.summary.subject, "hello");
  EXPECT_TRUE(parcel.summary.automatic);
  EXPECT_EQ(parcel.source.uid, 1000u);
  EXPECT_EQ(parcel.source.pid, 4711);
  EXPECT_EQ(parcel.source.command, "php");
  EXPECT_EQ(parcel.received, made.received);
  EXPECT_EQ(parcel.expires, made.expires);
}

TEST_F(Walk, TheNullSenderStaysTheNullSender) {
  NewMessage made = message();
  made.sender.reset();
  made.source.uid.reset();
  accepted(made);

  const Claimed claimed = claim();

  ASSERT_EQ(claimed.parcels.size(), 1u);
  EXPECT_FALSE(claimed.parcels[0].sender);
  EXPECT_FALSE(claimed.parcels[0].source.uid);
}

TEST_F(Walk, HostileTextIsKeptByteForByte) {  // Q049
  NewMessage made = message();
  made.summary.subject = std::string("' \" ; -- \0 % ?1 \xff\n", 19);
  made.source.helo = "'); DROP TABLE message; --";
  accepted(made);

  const Claimed claimed = claim();

  ASSERT_EQ(claimed.parcels.size(), 1u);
  EXPECT_EQ(claimed.parcels[0].summary.subject, made.summary.subject);
  EXPECT_EQ(claimed.parcels[0].source.helo, made.source.helo);
}

TEST_F(Walk, AnEmptyMessageIsAMessage) {
  accepted(message(), "");

  const Claimed claimed = claim();

  ASSERT_EQ(claimed.parcels.size(), 1u);
  EXPECT_EQ(claimed.parcels[0].content, "");
}

TEST_F(Walk, ARecipientIsNeverInTwoParcels) {
  accepted(message({"a@example.org", "b@example.org"}));

  EXPECT_EQ(claim().parcels.size(), 1u);
  EXPECT_TRUE(claim().parcels.empty());
}

TEST_F(Walk, RecipientsOfOneMessageShareParcelsOfTheSizeAsked) {
  accepted(message({"a@example.org", "b@example.org", "c@example.org"}));

  const Claimed claimed = claim({lane(10, 2)});

  ASSERT_EQ(claimed.parcels.size(), 2u);
  EXPECT_EQ(claimed.parcels[0].recipients.size(), 2u);
  EXPECT_EQ(claimed.parcels[1].recipients.size(), 1u);
  EXPECT_NE(claimed.parcels[0].recipients[0].row, claimed.parcels[1].recipients[0].row);
}

TEST_F(Walk, ALaneTakesOnlyItsRouteAndNoMoreThanAsked) {
  accepted(message({"a@example.org"}, "qq"));
  accepted(message({"b@example.org"}, "office"));
  accepted(message({"c@example.org"}, "qq"));

  const Claimed claimed = claim({lane(1), lane(0, 1, "office")});

  ASSERT_EQ(claimed.parcels.size(), 1u);
  EXPECT_EQ(claimed.parcels[0].recipients[0].recipient.mailbox.local(), "a");
}

TEST_F(Walk, TheOldestDueComesFirst) {
  const MessageId late = accepted(message());
  auto first = claim();
  ASSERT_EQ(first.parcels.size(), 1u);
  ASSERT_TRUE(settle(settlement(first.parcels[0], RecipientState::Queued, Duration(60'000))));
  clock_.advance(Duration(30'000));
  const MessageId soon = accepted(message());
  clock_.advance(Duration(60'000));

  const Claimed claimed = claim();

  ASSERT_EQ(claimed.parcels.size(), 2u);
  EXPECT_EQ(claimed.parcels[0].id, soon);
  EXPECT_EQ(claimed.parcels[1].id, late);
}

TEST_F(Walk, WhatIsNotDueYetIsToldAsTheNextDue) {
  accepted(message());
  auto claimed = claim();
  ASSERT_EQ(claimed.parcels.size(), 1u);
  ASSERT_TRUE(settle(settlement(claimed.parcels[0], RecipientState::Queued, Duration(60'000))));

  claimed = claim();

  EXPECT_TRUE(claimed.parcels.empty());
  EXPECT_EQ(claimed.next_due, clock_.wall() + Duration(60'000));
  clock_.advance(Duration(60'000));
  claimed = claim();
  ASSERT_EQ(claimed.parcels.size(), 1u);
  EXPECT_EQ(claimed.parcels[0].recipients[0].attempts, 1);
  EXPECT_FALSE(claimed.next_due);
}

TEST_F(Walk, DeliveredMessagesAreFinishedAndLoseTheirContent) {
  const MessageId id = accepted(message());
  const auto claimed = claim();

  ASSERT_TRUE(settle(settlement(claimed.parcels.at(0), RecipientState::Delivered)));

  EXPECT_TRUE(claim().parcels.empty());
  EXPECT_EQ(count("SELECT count(*) FROM chunk"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM message WHERE finished IS NOT NULL"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM attempt"), 1);
  const auto gone = chunk(id, 0);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().kind, QueueFault::Kind::NotFound);
}

TEST_F(Walk, OnlyTheRecipientsLeftAreTriedAgain) {  // Q039
  accepted(message({"a@example.org", "b@example.org", "c@example.org"}));
  const auto claimed = claim();
  Settlement end = settlement(claimed.parcels.at(0), RecipientState::Queued);
  end.recipients[0].state = RecipientState::Delivered;

  ASSERT_TRUE(settle(end));

  const auto again = claim();
  ASSERT_EQ(again.parcels.size(), 1u);
  ASSERT_EQ(again.parcels[0].recipients.size(), 2u);
  EXPECT_EQ(again.parcels[0].recipients[0].recipient.mailbox.local(), "b");
}

TEST_F(Walk, TheSameSettlementTwiceChangesNothingTheSecondTime) {  // Q040
  accepted(message());
  const auto claimed = claim();
  Settlement end = settlement(claimed.parcels.at(0), RecipientState::Failed);
  NewMessage notice = message();
  notice.notice = true;
  end.notice = OwnMessage{notice, "Subject: failed\r\n\r\n"};
  ASSERT_TRUE(settle(end));

  ASSERT_TRUE(settle(end));

  EXPECT_EQ(count("SELECT count(*) FROM message WHERE notice = 1"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM attempt"), 1);
  EXPECT_EQ(claim().parcels.size(), 1u);
}

TEST_F(Walk, ANoticeOfSeveralChunksIsStoredWhole) {
  accepted(message());
  const auto claimed = claim();
  Settlement end = settlement(claimed.parcels.at(0), RecipientState::Failed);
  const std::string content(3 * limits::kChunkBytes + 5, 'n');
  end.notice = OwnMessage{message(), content};
  const MessageId notice = end.notice->message.id;

  ASSERT_TRUE(settle(end));

  std::string read;
  for (std::int64_t number = 0; number < 4; ++number) read += chunk(notice, number).value();
  EXPECT_EQ(read, content);
  EXPECT_EQ(chunk(notice, 4).value(), "");
}

TEST_F(Walk, WhatIsGivenBackIsDueAgainWithoutAnAttempt) {
  accepted(message());
  const auto claimed = claim();

  queue_->give_back(claimed.parcels.at(0));

  const auto again = claim();
  ASSERT_EQ(again.parcels.size(), 1u);
  EXPECT_EQ(again.parcels[0].recipients[0].attempts, 0);
}

TEST_F(Walk, HowOftenUpstreamsHungUpOutlivesARestart) {
  accepted(message());
  Settlement end = settlement(claim().parcels.at(0), RecipientState::Queued);
  end.recipients.at(0).hang_ups = 3;
  ASSERT_TRUE(settle(std::move(end)));

  reopen();

  EXPECT_EQ(claim().parcels.at(0).recipients.at(0).hang_ups, 3);
}

TEST_F(Walk, AQueueHasANameThatItKeeps) {
  const std::string name = queue_->token();
  EXPECT_EQ(name.size(), 12u);

  reopen();
  EXPECT_EQ(queue_->token(), name);

  close();
  std::filesystem::remove(options_.path);
  std::filesystem::remove(options_.path + "-wal");
  open();
  EXPECT_NE(queue_->token(), name);
}

TEST_F(Walk, LastRepliesAreKeptForTheNotice) {
  const MessageId id = accepted(message());
  const auto claimed = claim();
  Settlement end = settlement(claimed.parcels.at(0), RecipientState::Queued);
  end.recipients[0].in_doubt = true;
  end.recipients[0].stage = Stage::RcptTo;
  end.recipients[0].reply = {.code = 450, .enhanced = "4.2.1", .text = "busy\nlater"};
  ASSERT_TRUE(settle(end));

  const auto replies =
      ask<std::vector<LastReply>>([&](auto then) { queue_->last_replies(id, std::move(then)); });

  ASSERT_TRUE(replies);
  ASSERT_EQ(replies->size(), 1u);
  EXPECT_EQ((*replies)[0].upstream, "qq");
  EXPECT_EQ((*replies)[0].end.reply, (Reply{.code = 450, .enhanced = "4.2.1", .text = "busy\nlater"}));
  EXPECT_EQ((*replies)[0].end.stage, Stage::RcptTo);
  EXPECT_TRUE((*replies)[0].end.in_doubt);
  EXPECT_TRUE(claim().parcels.at(0).recipients[0].in_doubt);
}

TEST_F(Walk, OfWhatWasNeverTriedAnUpstreamOfItsRouteHasTheLastReply) {
  const MessageId id = accepted(message());
  for (const std::string name : {"another", "qq"}) {
    UpstreamState state;
    state.name = name;
    state.trouble = "login";
    state.stage = Stage::Auth;
    state.reply = {.code = 535, .enhanced = "5.7.8", .text = name + " refuses"};
    queue_->save_upstream(state);
  }

  const auto replies =
      ask<std::vector<LastReply>>([&](auto then) { queue_->last_replies(id, std::move(then)); });

  ASSERT_TRUE(replies);
  EXPECT_EQ(replies->at(0).upstream, "qq");
  EXPECT_EQ(replies->at(0).end.stage, Stage::Auth);
  EXPECT_EQ(replies->at(0).end.reply.text, "qq refuses");
}

TEST_F(Walk, LastRepliesOfNoMessageAreNotFound) {
  const auto replies =
      ask<std::vector<LastReply>>([&](auto then) { queue_->last_replies(MessageId{5}, std::move(then)); });

  ASSERT_FALSE(replies);
  EXPECT_EQ(replies.error().kind, QueueFault::Kind::NotFound);
}

TEST_F(Walk, AnIdIsTakenOnce) {  // Q053
  NewMessage made = message();
  accepted(made);

  const auto second = accept(made);

  EXPECT_FALSE(second);
  EXPECT_EQ(claim().parcels.size(), 1u);
  accepted(message());
  EXPECT_EQ(claim().parcels.size(), 1u);
}

TEST_F(Walk, ArrivalsAreToldOnceForACommit) {
  int told = 0;
  queue_->when_mail_arrives([&] { ++told; });
  accepted(message());
  drain();
  EXPECT_EQ(told, 1);

  const auto claimed = claim();
  ASSERT_TRUE(settle(settlement(claimed.parcels.at(0), RecipientState::Delivered)));
  drain();

  EXPECT_EQ(told, 1);
}

TEST_F(Walk, AnswersComeInTheOrderOfTheCallsAndNeverFromInsideThem) {
  std::string order;
  bool done = false;
  NewMessage made = message();
  auto draft = queue_->open(made.id, made.source.uid);
  draft->append("x\r\n");
  draft->commit(std::move(made), [&](QueueResult<void>) { order += "a"; });
  queue_->claim({lane()}, clock_.wall(),
                [&](QueueResult<Claimed> claimed) { order += std::to_string(claimed->parcels.size()); });
  queue_->ping([&] { order += "p", done = true; });
  EXPECT_EQ(order, "");

  ASSERT_TRUE(loop_.run_until([&] { return done; }));

  EXPECT_EQ(order, "a1p");
}

TEST_F(Walk, ExpiredMessagesAreClaimedWhateverTheirLane) {
  NewMessage brief = message({"a@example.org"}, "nowhere");
  brief.expires = clock_.wall() + Duration(1000);
  const MessageId id = accepted(brief);
  accepted(message());
  EXPECT_EQ(claim_expired().next_due, brief.expires);
  clock_.advance(Duration(1000));

  const Claimed expired = claim_expired();

  ASSERT_EQ(expired.parcels.size(), 1u);
  EXPECT_EQ(expired.parcels[0].id, id);
  EXPECT_EQ(expired.parcels[0].upstream, "");
  EXPECT_TRUE(claim_expired().parcels.empty());
  EXPECT_TRUE(claim({lane(10, 10, "nowhere")}).parcels.empty());
}

TEST_F(Walk, HeldMessagesDoNotExpireUntilTheyHaveBeenReleasedForAsLong) {
  NewMessage brief = message();
  brief.expires = clock_.wall() + Duration(1000);
  accepted(brief);
  EXPECT_EQ(operate(Operation::Hold), 1u);
  clock_.advance(Duration(2000));
  EXPECT_TRUE(claim_expired().parcels.empty());
  EXPECT_TRUE(claim().parcels.empty());

  EXPECT_EQ(operate(Operation::Release), 1u);

  EXPECT_TRUE(claim_expired().parcels.empty());
  clock_.advance(Duration(1000));
  EXPECT_EQ(claim_expired().parcels.size(), 1u);
}

TEST_F(Walk, RecipientsThatMustBeAloneShareNoTransaction) {
  accepted(message({"a@example.org", "b@example.org", "c@example.org", "d@example.org"}));
  Settlement split = settlement(claim({lane(1, 10)}).parcels.at(0), RecipientState::Queued);
  split.recipients.at(1).alone = true;
  split.recipients.at(3).alone = true;
  ASSERT_TRUE(settle(split));

  std::vector<std::vector<std::int64_t>> rows;
  for (const Parcel& parcel : claim({lane(10, 10)}).parcels) {
    rows.emplace_back();
    for (const ParcelRecipient& recipient : parcel.recipients) rows.back().push_back(recipient.row);
  }

  EXPECT_EQ(rows, (std::vector<std::vector<std::int64_t>>{{0, 2}, {1}, {3}}));
}

TEST_F(Walk, WhatMayHaveBeenDeliveredByOneUpstreamIsGivenToNoOther) {
  accepted(message({"a@example.org"}, "office,qq"));
  const Lane by_office{"office,qq", "office", 10, 1};
  const Lane by_qq{"office,qq", "qq", 10, 1};
  Settlement lost = settlement(claim({by_office}).parcels.at(0), RecipientState::Queued);
  lost.recipients.at(0).in_doubt = true;
  ASSERT_TRUE(settle(lost));

  EXPECT_TRUE(claim({by_qq}).parcels.empty());
  EXPECT_EQ(claim({by_office}).parcels.size(), 1u);
}

}  // namespace
}  // namespace mailchute
