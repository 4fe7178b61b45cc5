// Changes to a header section (RFC 5322 2.2) that leave every byte they do not name as it was: whole fields
// are replaced, removed, or put between others. Finding the fields is HeaderReader's work. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "mail/header.h"

namespace mailchute {

/// The changes to one section. Memory grows with the changes, not with the section.
class HeaderEdits {
 public:
  /// The section without the empty line that ends it; the caller keeps it for as long as this lives.
  explicit HeaderEdits(std::string_view section) : section_(section) {}

  /// `field` must come from a HeaderReader over the section. `lines` are whole lines, each with its CRLF. Of
  /// two changes to one field the first one counts.
  void replace(const HeaderField& field, std::string lines);
  void remove(const HeaderField& field) { replace(field, {}); }

  /// In front of `field`, and in front of what stands in its place.
  void insert_before(const HeaderField& field, std::string lines);

  /// Behind all fields. A last line that lacks its CRLF gets it.
  void append(std::string lines);

  bool empty() const { return edits_.empty(); }

  /// The section with all changes made; without any, the section byte by byte.
  std::string apply() const;

 private:
  struct Edit {
    std::size_t at;     ///< Of the section's bytes.
    std::size_t bytes;  ///< That go; 0: an insertion.
    std::string lines;
  };
  std::size_t place_of(const HeaderField& field) const;

  std::string_view section_;
  std::vector<Edit> edits_;
};

}  // namespace mailchute
