// The seam through which an app is shown what of its user's mail is in the queue. Loop thread only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/unique_function.h"
#include "mail/reply.h"

namespace mailchute {

class MailWindow {
 public:
  virtual ~MailWindow() = default;

  /// A page of the mail of `uid`, of everybody's where it is empty; `from` is empty, or what the page before
  /// named as its next. The reply holds the page, or why there is none; `then` is never called from inside.
  virtual void show(std::optional<std::uint32_t> uid, const std::string& from,
                    UniqueFunction<void(Reply)> then) = 0;
};

}  // namespace mailchute
