#include "command/submission.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "base/exit_codes.h"
#include "base/limits.h"
#include "base/text.h"
#include "net/local_connection.h"

namespace mailchute {

namespace {

using namespace client_event;

/// A daemon that systemd starts for us needs a moment for its queue; one that does not greet within a minute
/// is of no use to a web server that waits for us.
constexpr int kGreetingSeconds = 60;
constexpr Duration kGreeting = std::chrono::seconds(kGreetingSeconds);

/// `Ok: queued as 0ABC...`: what the daemon says of a message that it has.
constexpr std::string_view kQueuedAs = "queued as ";

ClientOptions client_options(ClientOptions::Replies replies) {
  ClientOptions options;
  options.replies = replies;
  options.ehlo_name = "localhost";
  options.patience.greeting = kGreeting;
  return options;
}

/// One conversation, driven to its end.
class Handover {
 public:
  Handover(Descriptor socket, OutgoingMessage message, ContentPieces content, Transcript transcript)
      : socket_(std::move(socket)),
        session_(client_options(transcript ? ClientOptions::Replies::Heard : ClientOptions::Replies::Untold)),
        recipients_(message.recipients),
        message_(std::move(message)),
        content_(std::move(content)),
        transcript_(std::move(transcript)) {}

  Result<std::string> run();

 private:
  void take_events();
  void handle(const TlsWanted&) {}
  void handle(const Heard& event);
  void handle(const Ready&);
  void handle(const ContentWanted& event);
  void handle(const Finished& event);
  void handle(const Failed& event);
  void handle(const Closed&) {}

  void feed();
  void exchange();
  void wait(short& events);
  void write_some();
  void read_some();

  Result<std::string> outcome_of(const Finished& event) const;
  Error refusal(std::size_t recipient, const Finished::Answer& answer) const;
  void tell_said(std::string_view bytes);

  Descriptor socket_;
  ClientSession session_;
  std::vector<Recipient> recipients_;
  std::optional<OutgoingMessage> message_;  ///< Until it is said.
  ContentPieces content_;
  Transcript transcript_;
  std::string output_;
  enum class Content { NotYet, Wanted, Said } wanted_ = Content::NotYet;
  std::uint64_t content_bytes_ = 0;
  std::optional<Error> content_fault_;
  SteadyTime deadline_{};
  std::optional<std::uint64_t> epoch_;
  std::optional<Result<std::string>> outcome_;
};

Result<std::string> Handover::run() {
  for (;;) {
    take_events();
    if (outcome_) break;
    feed();
    exchange();
  }
  // The message is where it belongs, or it is not: what the daemon thinks of our goodbye changes nothing.
  session_.quit();
  output_ = session_.take_output();
  tell_said(output_);
  write_some();
  return std::move(*outcome_);
}

void Handover::take_events() {
  while (!outcome_) {
    const auto event = session_.next_event();
    if (!event) return;
    std::visit([this](const auto& each) { handle(each); }, *event);
  }
}

void Handover::handle(const Ready&) {
  if (!message_) return;
  session_.send(std::move(*message_));
  message_.reset();
}

/// Half of a list must not get what the other half will get again when the caller tries once more.
void Handover::handle(const ContentWanted& event) {
  if (event.refused > 0) return session_.content_broken("a recipient was refused");
  wanted_ = Content::Wanted;
}

void Handover::handle(const Finished& event) {
  if (content_fault_)
    outcome_ = tl::unexpected(*content_fault_);
  else
    outcome_ = outcome_of(event);
}

void Handover::handle(const Failed& event) {
  const std::string said = event.reply.code == 0 ? printable(event.reply.text) : reply_line(event.reply);
  outcome_ = fail("the daemon did not take the message: " + said, exit_code::kTryLater);
}

/// The first refusal tells the story, a recipient's own before one that befell all.
Result<std::string> Handover::outcome_of(const Finished& event) const {
  const auto refused = [](const Finished::Answer& answer) { return !answer.reply.positive(); };
  const auto own = [&](const Finished::Answer& answer) {
    return refused(answer) && answer.stage == Stage::RcptTo && answer.reply.code != 0;
  };
  auto told = std::find_if(event.answers.begin(), event.answers.end(), own);
  if (told == event.answers.end()) told = std::find_if(event.answers.begin(), event.answers.end(), refused);
  if (told != event.answers.end())
    return tl::unexpected(refusal(static_cast<std::size_t>(told - event.answers.begin()), *told));
  const std::string& text = event.answers.front().reply.text;
  const auto at = text.find(kQueuedAs);
  return at == std::string::npos ? std::string() : printable(text.substr(at + kQueuedAs.size()));
}

Error Handover::refusal(std::size_t recipient, const Finished::Answer& answer) const {
  const Reply& reply = answer.reply;
  if (reply.code == 0) {
    const bool in_doubt = answer.stage == Stage::FinalDot;
    return Error("the conversation with the daemon was cut short: " + printable(reply.text) +
                     (in_doubt ? "; it may have queued the message all the same" : ""),
                 exit_code::kTryLater);
  }
  // RFC 5321 4.5.3.1.10 means "the rest in another transaction"; here it is all or none.
  const bool too_many = reply.enhanced == "4.5.3";
  const bool later = reply.transient() && !too_many;
  if (answer.stage != Stage::RcptTo || too_many)
    return Error("the daemon refused the message: " + reply_line(reply),
                 later ? exit_code::kTryLater : exit_code::kBadData);
  return Error("the daemon refused the recipient " + printable(recipients_[recipient].mailbox.text()) + ": " +
                   reply_line(reply),
               later ? exit_code::kTryLater : exit_code::kBadAddress);
}

/// One piece at a time: what the daemon has not taken yet is not piled up here.
void Handover::feed() {
  if (wanted_ != Content::Wanted || !output_.empty() || session_.has_output()) return;
  auto piece = content_();
  if (!piece) {
    content_fault_ = piece.error();
    return session_.content_broken("it could not be read");
  }
  content_bytes_ += piece->size();
  if (!piece->empty()) return session_.content(*piece);
  wanted_ = Content::Said;
  if (transcript_) transcript_(">>> (" + std::to_string(content_bytes_) + " bytes)");
  session_.content_end();
}

void Handover::exchange() {
  if (session_.has_output()) {
    const std::string said = session_.take_output();
    if (wanted_ == Content::NotYet) tell_said(said);
    output_ += said;
  }
  short events = POLLIN;
  if (!output_.empty()) events |= POLLOUT;
  // There is more content to be fed, or a fault to be told: nothing to wait for.
  if (wanted_ == Content::Wanted && output_.empty()) return;
  wait(events);
  if ((events & POLLOUT) != 0) write_some();
  if ((events & (POLLIN | POLLHUP | POLLERR)) != 0) read_some();
}

/// Waits for one of `events` and says which came; the session hears of it when none came in time.
void Handover::wait(short& events) {
  const SystemClock clock;
  const Patience patience = session_.patience();
  if (epoch_ != patience.epoch) {
    epoch_ = patience.epoch;
    deadline_ = clock.steady() + patience.limit;
  }
  pollfd descriptor{socket_.get(), events, 0};
  const auto left = std::max(Duration(0), deadline_ - clock.steady());
  const int ready = ::poll(&descriptor, 1, static_cast<int>(left.count()) + 1);
  events = ready > 0 ? descriptor.revents : short{0};
  if (ready == 0) session_.time_out();
  if (ready < 0 && errno != EINTR) session_.receive_end(std::strerror(errno));
}

/// A failure to write is heard of by the next read, with whatever the daemon said last.
void Handover::write_some() {
  while (!output_.empty()) {
    const ssize_t sent = ::send(socket_.get(), output_.data(), output_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno != EAGAIN) output_.clear();
    if (sent <= 0) return;
    output_.erase(0, static_cast<std::size_t>(sent));
  }
}

void Handover::read_some() {
  char buffer[16384];
  const ssize_t got = ::recv(socket_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (got < 0) return session_.receive_end(std::strerror(errno));
  if (got == 0) return session_.receive_end("the daemon closed the connection");
  session_.receive({buffer, static_cast<std::size_t>(got)});
}

void Handover::handle(const Heard& event) {
  const std::string enhanced = event.reply.enhanced.empty() ? "" : event.reply.enhanced + " ";
  for (const std::string_view line : split(event.reply.text, '\n'))
    transcript_("<<< " + std::to_string(event.reply.code) + " " + enhanced + printable(line));
}

void Handover::tell_said(std::string_view bytes) {
  if (!transcript_) return;
  for (const std::string_view line : split(bytes, '\n'))
    if (!line.empty()) transcript_(">>> " + printable(line.substr(0, line.find('\r'))));
}

}  // namespace

Result<std::string> submit(const std::string& socket_path, OutgoingMessage message, ContentPieces content,
                           Transcript transcript) {
  if (message.recipients.empty()) return fail("the message has no recipients", exit_code::kBadData);
  auto socket = TRY(connect_local(socket_path, kGreetingSeconds));
  return Handover(std::move(socket), std::move(message), std::move(content), std::move(transcript)).run();
}

Result<std::string> submit(const std::string& socket_path, OutgoingMessage message, std::string content) {
  message.bytes = content.size();
  return submit(
      socket_path, std::move(message),
      [rest = std::move(content)]() mutable -> Result<std::string> { return std::exchange(rest, {}); });
}

}  // namespace mailchute
