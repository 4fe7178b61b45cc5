#include "command/own_mail.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "base/exit_codes.h"
#include "base/text.h"
#include "control/own_mail_json.h"
#include "mail/reply.h"
#include "net/local_connection.h"
#include "smtp/reply_reader.h"

namespace mailchute {

namespace {

constexpr int kPatienceSeconds = 60;

/// One question, one answer, in turn.
class Dialogue {
 public:
  explicit Dialogue(Descriptor socket) : socket_(std::move(socket)) {}

  Result<Reply> ask(std::string_view line);
  Result<Reply> hear();

 private:
  Descriptor socket_;
  ReplyReader reader_;
};

Result<Reply> Dialogue::ask(std::string_view line) {
  const std::string bytes = std::string(line) + "\r\n";
  // So few bytes always fit.
  if (::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size()))
    return fail(std::string("cannot ask the daemon: ") + std::strerror(errno), exit_code::kTryLater);
  return hear();
}

Result<Reply> Dialogue::hear() {
  for (;;) {
    if (auto reply = reader_.next()) return std::move(*reply);
    char buffer[16384];
    const ssize_t got = ::recv(socket_.get(), buffer, sizeof buffer, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0)
      return fail(
          std::string("no answer from the daemon: ") + (got == 0 ? "it hung up" : std::strerror(errno)),
          exit_code::kTryLater);
    reader_.receive({buffer, static_cast<std::size_t>(got)});
  }
}

Result<OwnMailPage> page_of(const Reply& reply) {
  if (!reply.positive()) return fail("the daemon does not tell: " + reply_line(reply), exit_code::kTryLater);
  std::string text;
  for (const std::string_view line : split(reply.text, '\n')) text += line;
  const auto json = base64_decode(text);
  if (!json) return fail("the daemon's answer makes no sense", exit_code::kInputOutput);
  return decode_own_mail(*json);
}

}  // namespace

Result<void> read_own_mail(const std::string& socket_path, UniqueFunction<void(const OwnMailPage&)> each) {
  Dialogue dialogue(TRY(connect_local(socket_path, kPatienceSeconds)));
  const Reply greeting = TRY(dialogue.hear());
  if (!greeting.positive())
    return fail("the daemon does not tell: " + reply_line(greeting), exit_code::kTryLater);
  std::optional<Place> next;
  do {
    const std::string place = next ? " " + place_text(*next) : "";
    const Reply answer = TRY(dialogue.ask("XQUEUE" + place));
    const OwnMailPage page = TRY(page_of(answer));
    each(page);
    next = page.next;
  } while (next);
  return {};
}

}  // namespace mailchute
