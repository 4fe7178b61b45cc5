// Reads the addresses of a header field (RFC 5322 3.4) as programs really write them: groups, comments,
// quoted and encoded names, bare local names, and text that is no address at all. Changes nothing. Pure; any
// thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/mailbox.h"

namespace mailchute {

/// One entry of a list. Places are offsets into the value that was read.
struct ListedAddress {
  std::string display;  ///< The words beside the address, quotes undone, folds one blank; encoded words stay.
  std::string comment;  ///< The first comment's text, without its parentheses.
  std::string address;  ///< Without blanks, comments and route; empty: there is none.
  std::size_t begin = 0;        ///< Of the entry, behind a group's name.
  std::size_t end = 0;          ///< Behind its last byte that is no blank.
  std::size_t address_end = 0;  ///< Behind the address's last byte.
  bool grouped = false;         ///< Member of a group.
  bool orderly = true;          ///< Written as RFC 5322 writes it (the old form `address (Name)` included).

  /// The address as one that mail can be sent to, or a bare name; empty when it is neither.
  std::optional<Mailbox> mailbox() const;
  /// What a person would call it: the display name, else the comment.
  const std::string& name() const { return display.empty() ? comment : display; }
};

class AddressListReader {
 public:
  /// `value`: as HeaderField has it, folds and all.
  explicit AddressListReader(std::string_view value) : value_(value) {}

  /// The next entry, empty at the end. Never fails: what makes no sense comes out as an entry with an empty
  /// address, or one that is not orderly.
  std::optional<ListedAddress> next();

 private:
  struct Word {
    std::string text;
    std::size_t end;  ///< Behind it, in the value.
    bool glued;       ///< No blank stands before it.
    bool quoted;
  };
  struct Entry;

  char at_hand() const { return value_[at_]; }
  bool skip_separators();
  void read_entry(Entry& entry);
  bool read_piece(Entry& entry);
  void read_quoted(Entry& entry);
  void read_comment(Entry& entry);
  void read_angle(Entry& entry);
  void read_atom(Entry& entry);
  std::string take_quoted(bool& closed);
  std::string take_comment(bool& closed);
  static ListedAddress finished(Entry entry);

  std::string_view value_;
  std::size_t at_ = 0;
  bool grouped_ = false;
};

}  // namespace mailchute
