#include "store/errand.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "store/requeue_sql.h"
#include "store/upkeep_sql.h"

namespace mailchute {

namespace {

constexpr std::int64_t kStepMessages = 200;

struct Progress {
  std::size_t touched = 0;
  bool more = false;
};

/// One errand, moved from step to step.
class Errand {
 public:
  virtual ~Errand() = default;
  /// Store's thread; may run again after a rollback, so that it begins from what kept() has seen.
  virtual SqliteResult<Progress> step(Store& store) = 0;
  /// Loop thread: the last step is on disk.
  virtual void kept() = 0;
};

class ErrandJob final : public Job {
 public:
  ErrandJob(Submit submit, std::unique_ptr<Errand> errand, std::size_t touched, ErrandEnd end)
      : Job(Need::Little, 0),
        submit_(std::move(submit)),
        errand_(std::move(errand)),
        touched_(touched),
        end_(std::move(end)) {}

  SqliteResult<void> work(Store& store) override {
    progress_ = TRY(errand_->step(store));
    return {};
  }
  void refuse(QueueFault fault) override { fault_ = std::move(fault); }
  void finish() override {
    if (fault_) return end_(tl::unexpected(std::move(*fault_)));
    errand_->kept();
    const std::size_t touched = touched_ + progress_.touched;
    if (!progress_.more) return end_(touched);
    submit_(std::make_unique<ErrandJob>(submit_, std::move(errand_), touched, std::move(end_)));
  }

 private:
  Submit submit_;
  std::unique_ptr<Errand> errand_;
  std::size_t touched_;
  ErrandEnd end_;
  Progress progress_;
  std::optional<QueueFault> fault_;
};

class OperationErrand final : public Errand {
 public:
  OperationErrand(Operation operation, Selection selection)
      : operation_(operation), selection_(std::move(selection)) {}

  SqliteResult<Progress> step(Store& store) override {
    next_ = at_;
    Progress progress;
    const auto ids = TRY(candidates(store.database()));
    progress.more = !ids.empty();
    for (const MessageId id : ids)
      if (TRY(do_to(store, id))) ++progress.touched;
    const bool due = operation_ == Operation::Retry || operation_ == Operation::Release;
    if (due && progress.touched > 0) store.notes().arrivals = true;
    return progress;
  }
  void kept() override { at_ = next_; }

 private:
  struct At {
    Place place;
    std::size_t named = 0;  ///< How many of the ids given have been looked at.
  };

  /// True when that changed anything.
  SqliteResult<bool> do_to(Store& store, MessageId id) {
    Database& database = store.database();
    if (TRY(selects(database, selection_, id))) {
      const Operated done = TRY(operate(database, operation_, id, store.now(), store.finished_content()));
      store.notes().note(done.finished);
      return done.changed;
    }
    // A filter means what waits; one that is finished must be named.
    if (operation_ != Operation::Retry || selection_.ids.empty() || !selection_.state.empty()) return false;
    Selection failed = selection_;
    failed.state = "failed";
    if (!TRY(selects(database, failed, id))) return false;
    const auto again = TRY(requeue(database, id, store.now()));
    if (!again) return false;
    store.notes().shares.push_back(again->share);
    store.notes().kept_bytes_change -= static_cast<std::int64_t>(again->kept_bytes);
    return true;
  }

  SqliteResult<std::vector<MessageId>> candidates(Database& database) {
    if (selection_.ids.empty()) return walk_unfinished(database, next_.place, kStepMessages);
    const std::size_t end = std::min(selection_.ids.size(), next_.named + kStepMessages);
    std::vector<MessageId> ids(selection_.ids.begin() + static_cast<std::ptrdiff_t>(next_.named),
                               selection_.ids.begin() + static_cast<std::ptrdiff_t>(end));
    next_.named = end;
    return ids;
  }

  Operation operation_;
  Selection selection_;
  At at_;
  At next_;
};

class RerouteErrand final : public Errand {
 public:
  RerouteErrand(std::set<std::string> known, std::string fingerprint, ChooseRoute choose)
      : known_(std::move(known)), fingerprint_(std::move(fingerprint)), choose_(std::move(choose)) {}

  SqliteResult<Progress> step(Store& store) override {
    next_ = at_;
    Database& database = store.database();
    // The fingerprint is kept at the end only, a mark until then: an errand that is cut short begins again at
    // the next start, and one that finds another's mark gives way to it, for that one is newer.
    const std::string mark = same_ ? fingerprint_ : "becoming " + fingerprint_;
    const std::string there = TRY(routing_fingerprint(database));
    if (begun_ && there != mark) return Progress{};
    if (!begun_ && there != fingerprint_) {
      same_ = false;
      TRY_VOID(set_routing_fingerprint(database, "becoming " + fingerprint_));
    }
    const auto which = same_ ? Reroute::Unknown : Reroute::All;
    const Rerouted rerouted = TRY(reroute_some(database, next_, which, known_, choose_));
    if (!rerouted.more && !same_) TRY_VOID(set_routing_fingerprint(database, fingerprint_));
    if (rerouted.changed > 0) store.notes().arrivals = true;
    return Progress{rerouted.changed, rerouted.more};
  }
  void kept() override {
    begun_ = true;
    at_ = next_;
  }

 private:
  std::set<std::string> known_;
  std::string fingerprint_;
  ChooseRoute choose_;
  bool begun_ = false;
  bool same_ = true;
  ReroutePlace at_;
  ReroutePlace next_;
};

}  // namespace

void start_operation(const Submit& submit, Operation operation, Selection selection, ErrandEnd end) {
  auto errand = std::make_unique<OperationErrand>(operation, std::move(selection));
  submit(std::make_unique<ErrandJob>(submit, std::move(errand), 0, std::move(end)));
}

void start_reroute(const Submit& submit, std::set<std::string> known, std::string fingerprint,
                   ChooseRoute choose, ErrandEnd end) {
  auto errand = std::make_unique<RerouteErrand>(std::move(known), std::move(fingerprint), std::move(choose));
  submit(std::make_unique<ErrandJob>(submit, std::move(errand), 0, std::move(end)));
}

}  // namespace mailchute
