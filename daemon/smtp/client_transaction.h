// One message on its way to an upstream: MAIL, RCPT, DATA or BDAT, and one answer for each recipient (RFC
// 5321 3.3, RFC 2920, RFC 3030). Lives from send() to Finished, as one value. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "smtp/body_writer.h"
#include "smtp/client_dialogue.h"

namespace mailchute {

class ClientTransaction {
 public:
  /// Only for a message that refusal_before_sending() passes.
  ClientTransaction(OutgoingMessage message, Extensions offered);

  /// Says MAIL, and behind it all that may be said before its reply.
  void begin(ClientDialogue& dialogue);

  /// Over: the upstream is ready for the next message. Clearing: all is known, but a RSET or a lone dot has
  /// yet to be answered.
  enum class Progress { Waiting, ContentWanted, Over, Clearing };
  /// Failed: the conversation has lost its footing and must end; recipients without an answer share its fate.
  using Step = tl::expected<Progress, client_event::Failed>;

  Step answer(Awaited what, const Reply& reply, ClientDialogue& dialogue);

  /// Content; fails when it is not canonical: the connection must then end without ending the message.
  Result<void> content(std::string_view bytes, ClientDialogue& dialogue);
  Result<void> content_end(ClientDialogue& dialogue);

  /// Content is awaited from us, and none of it has been asked to be answered.
  bool wants_content() const { return phase_ == Phase::Content; }
  /// Recipients that will not get the message.
  std::size_t refused() const { return answers_.size() - undecided_; }
  /// From the 354 to the final reply: the upstream may say 4xx or 5xx at any time and be done with it.
  bool may_be_cut_short() const { return phase_ >= Phase::Content; }

  /// What was said has been taken for writing: if the end of the message was among it, only the upstream
  /// knows now.
  void output_taken();

  /// Answers for all recipients that have none.
  void settle_rest(Stage stage, const Reply& reply);

  /// The result; once, when all recipients have an answer.
  client_event::Finished finished();

 private:
  enum class Framing { Dot, Chunks };
  /// How far what we say has come. Ended: the end of the message is among it; InDoubt: and has been taken for
  /// writing.
  enum class Phase { Envelope, DataSaid, Content, Ended, InDoubt };

  void advance(ClientDialogue& dialogue);
  bool may_say_more(const ClientDialogue& dialogue) const;
  Step sender_answered(const Reply& reply, ClientDialogue& dialogue);
  Step recipient_answered(const Reply& reply, ClientDialogue& dialogue);
  Step chunk_answered(const Reply& reply);
  void settle(std::size_t recipient, Stage stage, const Reply& reply);
  Step data_answered(const Reply& reply, ClientDialogue& dialogue);
  Step message_answered(const Reply& reply);
  Step next_step(ClientDialogue& dialogue);
  Progress begin_content(ClientDialogue& dialogue);
  Progress conclude(ClientDialogue& dialogue);
  void say_chunk(std::string_view last_word, Awaited what, ClientDialogue& dialogue);

  OutgoingMessage message_;
  Extensions offered_;
  Framing framing_;
  BodyWriter writer_;
  Phase phase_ = Phase::Envelope;
  std::vector<std::optional<client_event::Finished::Answer>> answers_;
  std::size_t undecided_;  ///< Recipients that may still get the message.
  std::size_t recipients_said_ = 0;
  std::size_t recipients_answered_ = 0;
  bool open_ = false;            ///< The upstream took MAIL and knows of no end yet.
  std::string chunk_;            ///< Content for the next BDAT.
  std::size_t block_bytes_ = 0;  ///< Content since the peer's patience began anew.
};

}  // namespace mailchute
