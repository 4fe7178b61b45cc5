// How much memory the recipients and headers of unfinished messages may take, in all and of one party
// (accept/caller.h). Each message has its bounds, but a user may have two hundred of them open at once, and
// none needs to be finished. Pure counting; loop thread only.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "mail/envelope.h"
#include "mail/reply.h"

namespace mailchute {

class EnvelopeRoom {
 public:
  /// What one unfinished message takes of it, until this goes. Must not outlive the room.
  class Place {
   public:
    Place(EnvelopeRoom& room, std::string party);
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    /// One more recipient. The reply, if there is no room for it: 452, for there will be.
    std::optional<Reply> take(const Recipient& recipient);
    /// What its alias stands for beside one of them: counted, and not refused, but the next recipient is.
    void take_too(const Recipient& recipient);
    /// So many bytes of its header are held now.
    std::optional<Reply> hold_header(std::size_t bytes);

   private:
    void add(std::size_t bytes);
    void drop(std::size_t bytes);

    EnvelopeRoom& room_;
    std::string party_;
    std::size_t bytes_ = 0;
    std::size_t header_bytes_ = 0;  ///< Of them.
  };

 private:
  bool has_room(const std::string& party, std::size_t bytes) const;

  std::size_t in_all_ = 0;
  std::map<std::string, std::size_t> by_party_;
};

}  // namespace mailchute
