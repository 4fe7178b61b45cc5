// Counts the logins at one upstream that came to nothing, so that never more than six of them fall within an
// hour, whoever asks for one: a cooldown, a reload, an operator, a start. A login counts from the moment its
// credential is presented until it is taken, for nobody may live to hear the answer. Pure: reads no clock;
// moments run on the steady one, and on the wall's across a restart. Any thread.
#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include "schedule/moment.h"

namespace mailchute {

class LoginCount {
 public:
  /// Providers lock accounts and addresses after fewer refused logins than one thinks.
  static constexpr std::size_t kAnHour = 6;

  /// A credential is presented.
  void presented(Moment now);
  /// The latest that was presented has been taken, or was not judged.
  void taken();
  /// One was refused; also one that had not been told as presented.
  void refused(Moment now);

  /// How long one more has to wait; zero: not at all.
  Duration until_due(SteadyTime now) const;

  /// What must survive a restart, oldest first, and back. One that comes from the future, for the wall clock
  /// was set back, is taken for one of now.
  std::vector<WallTime> kept() const;
  void restore(const std::vector<WallTime>& kept, Moment now);

 private:
  std::deque<Moment> latest() const;

  std::deque<Moment> refused_;    ///< At most kAnHour, as the other.
  std::deque<Moment> presented_;  ///< Not answered yet, or never.
};

}  // namespace mailchute
