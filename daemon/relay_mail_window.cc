#include "relay_mail_window.h"

#include <utility>

#include "base/text.h"
#include "control/own_mail_json.h"

namespace mailchute {

namespace {

/// What a page may have of JSON: in base64, and with the largest message on top, it stays below
/// limits::kReplyBytes.
constexpr std::size_t kPageBytes = 20 << 10;

/// Of a reply's 512 bytes, with room for its codes.
constexpr std::size_t kLineBytes = 400;

const Reply kNoPlace{501, "5.5.4", "Syntax: XQUEUE [place]"};
const Reply kNotNow{451, "4.3.0", "The queue cannot be looked at now"};

Place beginning() { return Place{}; }

/// In lines of printable ASCII without blanks, which nothing on the way changes.
std::string lines_of(const std::string& json) {
  const std::string text = base64_encode(json);
  std::string lines;
  for (std::size_t at = 0; at < text.size(); at += kLineBytes)
    lines += (at == 0 ? "" : "\n") + text.substr(at, kLineBytes);
  return lines;
}

}  // namespace

void RelayMailWindow::show(std::optional<std::uint32_t> uid, const std::string& from,
                           UniqueFunction<void(Reply)> then) {
  const auto place = from.empty() ? std::optional(beginning()) : parse_place(from);
  Question question{uid, place.value_or(beginning()), std::move(then)};
  if (!place) question.then = [then = std::move(question.then)](Reply) mutable { then(kNoPlace); };
  waiting_.push_back(std::move(question));
  if (work_ == Work::Idle) ask_next();
}

void RelayMailWindow::ask_next() {
  if (waiting_.empty()) return;
  work_ = Work::Asking;
  Question question = std::move(waiting_.front());
  waiting_.pop_front();
  const auto uid = question.uid;
  const Place from = question.from;
  queue_.own_mail(
      uid, from,
      lifeline_.bind([this, question = std::move(question)](QueueResult<OwnMailPage> page) mutable {
        answered(std::move(question), std::move(page));
      }));
}

/// What a provider said of the login is for the operator; a user is told that it is the login.
void RelayMailWindow::answered(Question question, QueueResult<OwnMailPage> page) {
  work_ = Work::Idle;
  if (page && question.uid)
    for (UpstreamState& upstream : page->upstreams) upstream.reply.text.clear();
  question.then(page ? Reply{250, "2.0.0", lines_of(encode_own_mail(*page, kPageBytes))} : kNotNow);
  ask_next();
}

}  // namespace mailchute
