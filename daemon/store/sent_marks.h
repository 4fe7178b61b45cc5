// Which recipients may have been delivered though the queue does not know it yet: the end of their message
// has been written to an upstream, and what came of it is not on disk. A page of memory shared with a file
// beside the queue (`queue.db.sent`): it outlives the process at the price of a store to memory, so that a
// daemon that was killed knows afterwards which messages may come twice. It does not outlive a power cut;
// Queue::doubt() does. Logins that are not answered yet are marked here too, by their upstream. One thread at
// a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "mail/message_id.h"

namespace mailchute {

class SentMarks {
 public:
  /// One recipient. `message` 0: a free place.
  struct Mark {
    std::int64_t message = 0;
    std::int64_t row = 0;
    bool operator==(const Mark&) const = default;
  };

  /// Maps the file of the queue at `path`, made when it is missing. The lock must be held. Fails on a link,
  /// on what is not a regular file of ours, and without room on disk.
  static Result<SentMarks> open(const std::string& path);

  /// None at all: nothing is marked, nothing was.
  SentMarks() = default;
  SentMarks(SentMarks&& other) noexcept;
  SentMarks& operator=(SentMarks&& other) noexcept;
  ~SentMarks();

  /// A login at the upstream of this name, as a mark: no message has its number.
  static Mark login(std::string_view upstream);
  static bool is_login(const Mark& mark) { return mark.message < 0; }

  /// What an earlier process left behind, until clear_all().
  std::vector<Mark> left() const;
  void clear_all();

  /// Marks a recipient. With every place taken it does nothing.
  void set(MessageId message, std::int64_t row) { set({message.value, row}); }
  void set(Mark mark);
  void clear(MessageId message, std::int64_t row) { clear({message.value, row}); }
  /// One that is like this.
  void clear(Mark mark);
  std::size_t count(Mark mark) const;

 private:
  explicit SentMarks(std::span<Mark> places) : places_(places) {}

  std::span<Mark> places_;     ///< The mapped memory.
  std::size_t set_ = 0;        ///< How many are taken, so that nothing is searched when nothing is marked.
  std::size_t free_from_ = 0;  ///< No place before this one is free.
};

}  // namespace mailchute
