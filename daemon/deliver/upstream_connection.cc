#include "deliver/upstream_connection.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "deliver/identity.h"
#include "deliver/session_options.h"

namespace mailchute {

namespace {

/// Most providers answer the end of a message within this; what takes longer is worth a commit.
constexpr Duration kReplyAtOnce{1'000};

OutgoingMessage outgoing(const Parcel& parcel, const UpstreamSettings& settings, const ContentFacts& facts) {
  OutgoingMessage message;
  message.sender = envelope_sender_for(parcel.sender, settings);
  for (const ParcelRecipient& recipient : parcel.recipients)
    message.recipients.push_back(recipient.recipient);
  message.body = facts.body;
  message.smtputf8 = facts.smtputf8;
  message.ret = parcel.ret;
  message.envelope_id = parcel.envelope_id;
  message.bytes = facts.bytes;
  message.bytes_max = settings.message_size;
  return message;
}

/// The upstream spoke about the message, rather than vanishing or saying goodbye.
bool answered(const client_event::Finished& finished) {
  return std::any_of(finished.answers.begin(), finished.answers.end(),
                     [](const auto& answer) { return answer.reply.code != 0 && answer.reply.code != 421; });
}

Reply no_reply(std::string text) { return {0, {}, std::move(text)}; }

}  // namespace

UpstreamConnection::UpstreamConnection(const UpstreamSettings& settings, const std::string& ehlo_name,
                                       Secret password, const DeliveryTools& tools,
                                       UpstreamConnectionUser& user)
    : settings_(settings),
      tools_(tools),
      user_(user),
      session_(session_options(settings_, ehlo_name, std::move(password))),
      alarm_(tools.alarms.make_alarm()),
      doubt_(tools.alarms.make_alarm()) {
  if (log::dialogue_wanted()) dialogue_.emplace();
}

UpstreamConnection::~UpstreamConnection() = default;

void UpstreamConnection::open() {
  dialing_ =
      tools_.dialer.dial(settings_.host, settings_.port, settings_.timeouts.connect,
                         lifeline_.bind([this](tl::expected<std::unique_ptr<Stream>, DialFault> dialed) {
                           if (!dialed) return gone(dialed.error().stage, no_reply(dialed.error().text));
                           connected(std::move(*dialed));
                         }));
}

void UpstreamConnection::connected(std::unique_ptr<Stream> stream) {
  stream_ = std::move(stream);
  peer_ = stream_->peer();
  if (settings_.tls == TlsMode::Implicit) return put_tls_on();
  stream_->start(*this);
  pump();
}

void UpstreamConnection::put_tls_on() {
  auto secured = tools_.dialer.secure(std::move(stream_),
                                      {settings_.host, settings_.ca_file, settings_.tls_fingerprint});
  if (!secured) return gone(Stage::Tls, no_reply(secured.error().text));
  stream_ = std::move(*secured);
  securing_ = true;
  alarm_->set(settings_.timeouts.connect, lifeline_.bind([this] { time_out(); }));
  stream_->start(*this);
}

void UpstreamConnection::on_secured(const TlsFacts& facts) {
  securing_ = false;
  tls_ = facts.version + " " + facts.cipher;
  armed_epoch_.reset();
  if (settings_.tls == TlsMode::StartTls) session_.secured();
  pump();
}

void UpstreamConnection::on_bytes(std::string_view bytes) {
  note(Side::Theirs, bytes);
  session_.receive(bytes);
  pump();
}

void UpstreamConnection::on_drained() { pump(); }

void UpstreamConnection::on_end(const StreamEnd& end) {
  if (phase_ == Phase::Gone) return;
  if (securing_ || end.handshake) return gone(Stage::Tls, no_reply(end.text));
  session_.receive_end(end.text);
  pump();
  if (phase_ != Phase::Gone) gone(Stage::Idle, no_reply(end.text));
}

void UpstreamConnection::time_out() {
  if (securing_) return gone(Stage::Tls, no_reply("the TLS handshake took too long"));
  session_.time_out();
  armed_epoch_.reset();
  pump();
}

// The one place where input, alarms, drained output and content that arrived from the queue all end.
void UpstreamConnection::pump() {
  if (pumping_ || securing_ || phase_ == Phase::Gone || stream_ == nullptr) return;
  pumping_ = true;
  for (;;) {
    auto event = session_.next_event();
    if (event) {
      std::visit([this](auto& e) { handle(std::move(e)); }, *event);
      if (phase_ == Phase::Gone || securing_) break;
      continue;
    }
    const bool was_wanted = content_wanted_;
    feed_content();
    if (!was_wanted || content_wanted_) break;  // nothing new can have come of it
  }
  pumping_ = false;
  if (phase_ == Phase::Gone || securing_) return;
  flush();
  arm();
}

void UpstreamConnection::flush() {
  if (!session_.has_output()) return;
  if (!presented_ && session_.logs_in()) {
    presented_ = true;
    user_.on_login(*this);
  }
  std::string output = session_.take_output();
  note(Side::Ours, output);
  stream_->write(std::move(output));
}

void UpstreamConnection::note(Side side, std::string_view bytes) {
  if (!dialogue_) return;
  auto lines = side == Side::Ours ? dialogue_->client(bytes) : dialogue_->server(bytes);
  for (std::string& line : lines) session_.mask(line);
  for (const std::string& line : lines)
    log::dialogue(settings_.name, side == Side::Ours ? "out" : "in", printable(line));
}

// Content goes to the session only as fast as the socket takes it: about one piece waits here. What is
// smaller than that leaves together with the end of the message, in one write.
void UpstreamConnection::feed_content() {
  std::size_t unwritten = 0;
  while (content_wanted_ && stream_->pending_bytes() < limits::kOutputBytes) {
    ContentSource::Piece piece = content_->take();
    switch (piece.kind) {
      case ContentSource::Piece::Kind::NotYet: return;
      case ContentSource::Piece::Kind::Bytes:
        session_.content(piece.bytes);
        unwritten += piece.bytes.size();
        break;
      case ContentSource::Piece::Kind::End:
        content_wanted_ = false;
        all_content_sent_ = true;
        mark_sent();
        session_.content_end();
        break;
      case ContentSource::Piece::Kind::Broken:
        content_wanted_ = false;
        session_.content_broken(piece.bytes);
        break;
    }
    if (unwritten < limits::kOutputBytes) continue;
    flush();
    unwritten = 0;
  }
}

// From here on nobody but the upstream knows whether it was delivered. A reply that comes at once is settled
// at once; a slower one might be waited for when the power goes.
void UpstreamConnection::mark_sent() {
  std::vector<std::int64_t> rows;
  for (const ParcelRecipient& recipient : parcel_->recipients) rows.push_back(recipient.row);
  tools_.queue.mark_sent(parcel_->id, rows);
  doubt_->set(kReplyAtOnce, lifeline_.bind([this, id = parcel_->id, rows = std::move(rows)]() mutable {
    tools_.queue.doubt(id, std::move(rows));
  }));
}

void UpstreamConnection::arm() {
  const Patience patience = session_.patience();
  if (armed_epoch_ == patience.epoch) return;
  armed_epoch_ = patience.epoch;
  if (patience.limit == Duration::zero())
    alarm_->clear();
  else
    alarm_->set(patience.limit, lifeline_.bind([this] { time_out(); }));
}

void UpstreamConnection::carry(Parcel parcel) {
  CHECK(phase_ == Phase::Idle);
  phase_ = Phase::Carrying;
  all_content_sent_ = false;
  ++carried_;
  carrying_since_ = tools_.clock.steady();
  carrying_since_wall_ = tools_.clock.wall();
  parcel_ = std::move(parcel);
  sending_ = false;
  content_ =
      std::make_unique<OutgoingContent>(tools_.queue, *parcel_, settings_.header_size, lifeline_.bind([this] {
        begin_message();
        pump();
      }));
  begin_message();
  pump();
}

// What MAIL says depends on the header, which for a large message has to come from the queue first.
void UpstreamConnection::begin_message() {
  if (phase_ != Phase::Carrying || sending_ || !content_ || !content_->ready()) return;
  sending_ = true;
  const ContentFacts facts =
      content_->prepare(originator_rules(parcel_->sender, settings_), session_.extensions());
  session_.send(outgoing(*parcel_, settings_, facts));
}

void UpstreamConnection::quit() {
  if (phase_ != Phase::Idle) return;
  phase_ = Phase::Leaving;
  session_.quit();
  pump();
}

void UpstreamConnection::handle(client_event::TlsWanted) {
  flush();
  alarm_->clear();
  put_tls_on();
}

void UpstreamConnection::handle(client_event::Ready) {
  if (phase_ == Phase::Leaving) return;
  phase_ = Phase::Idle;
  was_ready_ = true;
  user_.on_idle(*this);
}

void UpstreamConnection::handle(client_event::ContentWanted) { content_wanted_ = true; }

void UpstreamConnection::handle(client_event::Finished finished) {
  content_wanted_ = false;
  content_.reset();
  doubt_->clear();
  if (answered(finished)) ++completed_;
  Parcel parcel = std::move(*parcel_);
  parcel_.reset();
  user_.on_carried(*this, std::move(parcel), std::move(finished));
}

void UpstreamConnection::handle(client_event::Failed failed) { gone(failed.stage, failed.reply); }

void UpstreamConnection::handle(client_event::Closed) { gone(Stage::Quit, no_reply("closed")); }

void UpstreamConnection::gone(Stage stage, const Reply& reply) {
  if (phase_ == Phase::Gone) return;
  phase_ = Phase::Gone;
  alarm_->clear();
  if (stream_ != nullptr) stream_->finish();
  if (parcel_) hand_back(stage, reply);
  user_.on_gone(*this, stage, reply);
}

// The stream broke in a way that the session was not told of (TLS put on in vain): every recipient gets the
// same answer.
void UpstreamConnection::hand_back(Stage stage, const Reply& reply) {
  client_event::Finished finished;
  finished.answers.assign(parcel_->recipients.size(), {stage, reply});
  finished.final_dot_sent = all_content_sent_;
  handle(std::move(finished));
}

}  // namespace mailchute
