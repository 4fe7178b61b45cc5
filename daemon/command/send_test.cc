#include "command/send_test.h"

#include <cstdio>
#include <utility>

#include "base/exit_codes.h"
#include "base/locale.h"
#include "base/phrase.h"
#include "base/text.h"
#include "command/console.h"
#include "command/delivery_watch.h"
#include "command/queue_access.h"
#include "command/submission.h"
#include "command/test_message.h"
#include "command/upstream_states.h"
#include "control/json.h"

namespace mailchute {

namespace {

constexpr int kSaidNo = 1;
/// Longer than a slow provider takes, shorter than a person waits.
constexpr Duration kPatience{90'000};

Result<Mailbox> recipient(const std::string& address) {
  auto mailbox = Mailbox::parse(address, Mailbox::Utf8::Allowed);
  if (mailbox) return std::move(*mailbox);
  return fail(printable(address) + " is no address; next: mailchute send-test you@example.com",
              exit_code::kBadAddress);
}

/// Makes the daemon send the message by this upstream, whatever the routes say; only who may use the control
/// socket may do that.
Result<void> announce(const Settings& settings, const std::string& upstream, const std::string& message_id) {
  if (upstream.empty()) return {};
  TRY(find_upstream(settings, upstream));
  TRY(ask(settings, "POST", "/v1/upstreams/" + upstream + "/expect", encode_message_id(message_id)));
  return {};
}

Result<MessageId> hand_in(const Settings& settings, const SendTestOptions& send) {
  OutgoingMessage message;
  message.sender = Mailbox("root", "");
  message.recipients.push_back({TRY(recipient(send.address)), {}, ""});
  const TestMessage test = make_test_message({message.recipients.front().mailbox.text(), settings.hostname,
                                              send.upstream, SystemClock().wall(), SystemRandom().next()});
  TRY_VOID(announce(settings, send.upstream, test.message_id));
  const std::string id = TRY(submit(settings.listen.submit, std::move(message), test.content));
  const auto parsed = MessageId::parse(id);
  if (!parsed) return fail("the daemon named no id of its queue: " + printable(id));
  return *parsed;
}

std::string in_readers_language(const Phrase& words) { return words.in(language_of_process()); }

void show(const std::string& text) {
  print(text);
  std::fflush(stdout);
}

int tell_end(const CommonOptions& options, const std::string& id, const WatchEnd& end) {
  const std::string more = next_command(options, "queue show " + id);
  switch (end.fate) {
    case WatchEnd::Fate::Delivered:
      print(in_readers_language(
                said({"delivered: the provider has taken it; look into the mailbox, and into its spam folder",
                      "已送达：服务商已经收下；请看收件箱，也看看垃圾邮件"})) +
            "\n");
      return finish(0);
    case WatchEnd::Fate::Failed:
      say(in_readers_language(said({"failed; next: {}", "失败；下一步：{}"}, {more})));
      return finish(kSaidNo);
    case WatchEnd::Fate::Waiting: break;
  }
  say(in_readers_language(
      said({"{}; it is kept and tried again by itself; next: {}", "{}；邮件已保存，会自动重试；下一步：{}"},
           {end.why, more})));
  return finish(exit_code::kTryLater);
}

}  // namespace

int send_test(const CommonOptions& options, const Settings& settings, const SendTestOptions& send) {
  const auto handed_in = hand_in(settings, send);
  if (!handed_in) return complain(options, handed_in.error());
  const std::string id = handed_in->text();
  show(in_readers_language(
           said({"accepted   {} for {}", "已收下     {}，发给 {}"}, {id, printable(send.address)})) +
       "\n");
  const auto end = watch_delivery(settings, *handed_in, kPatience, show);
  if (end) return tell_end(options, id, *end);
  say("mailchute: it cannot be followed: " + end.error().text +
      "; next, as root: " + next_command(options, "queue show " + id));
  return finish(exit_code::kTryLater);
}

int command_send_test(const CommonOptions& options, const SendTestOptions& send) {
  const auto settings = command_settings(options);
  if (!settings) return complain(options, settings.error());
  return send_test(options, *settings, send);
}

}  // namespace mailchute
