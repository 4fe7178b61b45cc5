// Carries what goes wrong to alert/, and what alert/ has to say to the log and to `notify.command`. Stands
// between the couriers and the dispatcher and listens to what passes; looks at the queue now and then, but
// only while something is wrong or mail is waiting: an idle daemon sleeps. Loop thread only.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "alert/alert_command.h"
#include "alert/alert_watch.h"
#include "base/clock.h"
#include "base/lifeline.h"
#include "base/unique_function.h"
#include "control/operator.h"
#include "deliver/courier.h"
#include "mail/message_id.h"
#include "net/process.h"
#include "schedule/dispatcher.h"
#include "settings/settings.h"
#include "store/sqlite_queue.h"

namespace mailchute {

class RelayAlerts final : public CourierListener {
 public:
  /// All references must outlive it.
  RelayAlerts(Dispatcher& dispatcher, SqliteQueue& queue, ProcessRunner& processes, const Clock& clock,
              Alarms& alarms, const Settings& settings);

  /// Takes up the troubles that an earlier run left behind: they are told again, because it is not kept what
  /// was.
  void start(const std::vector<UpstreamState>& saved);

  void reconfigure(const Settings& settings);

  /// A message failed for good, and nobody could be told.
  void message_untold(MessageId id, const char* why);
  void store_broken(const std::string& why);

  /// For `status`.
  std::vector<LiveAlert> open() const;

  /// What waited when it was looked at last, at most half a minute ago as long as anything does.
  const Backlog& backlog() const { return backlog_; }
  /// Called after each look, and when an upstream fares otherwise than before.
  void when_changed(UniqueFunction<void()> then) { changed_ = std::move(then); }

  /// Hands over what waits; `done` runs then, never from inside the call.
  void shut_down(UniqueFunction<void()> done);

  void on_attempt(const std::string& upstream, Attempt attempt, UniqueFunction<void()> settled) override;
  void on_returned(const std::string& upstream, Returned returned) override;
  void on_login(const std::string& upstream, LoginNews news) override {
    dispatcher_.on_login(upstream, news);
  }
  void on_ready(const std::string& upstream) override;
  void on_trouble(const std::string& upstream, UpstreamTrouble trouble) override;
  void on_room(const std::string& upstream) override;

 private:
  enum class Looking { No, Later, Soon, Now, Never };
  void look();
  void look_in(Looking when);
  void looked();
  bool all_well() const;
  void judge_all(const std::string& upstream, const std::vector<Verdict>& verdicts);
  void judge(const std::string& upstream, const Verdict& verdict);
  void note_request(const std::string& upstream, Alert alert, const std::string& rule,
                    const std::string& words);
  void react();
  void tell_due();
  void tell(const AlertNews& news);
  bool knows(const std::string& upstream) const;
  AlertTime now() const { return {clock_.wall(), clock_.steady()}; }

  Dispatcher& dispatcher_;
  SqliteQueue& queue_;
  const Clock& clock_;
  std::string host_;
  std::vector<std::string> upstreams_;
  AlertWatch watch_;
  AlertCommand command_;
  std::map<std::pair<std::string, std::string>, int>
      requests_;  ///< In a row, by upstream and rule, for rules that ask for a person the third time.
  Backlog backlog_;
  UniqueFunction<void()> changed_;
  Looking looking_ = Looking::No;
  std::unique_ptr<Alarm> alarm_;
  Lifeline lifeline_;
};

}  // namespace mailchute
