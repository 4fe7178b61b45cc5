#include "mail/header_edits.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/result.h"

namespace mailchute {

namespace {

constexpr std::string_view kLineEnd = "\r\n";

/// What is written begins a line of its own; only the section's last line can be open (RFC 3030 allows
/// content that does not end with CRLF).
void add_lines(std::string& out, std::string_view lines) {
  if (lines.empty()) return;
  if (!out.empty() && !out.ends_with(kLineEnd)) out += kLineEnd;
  out += lines;
}

}  // namespace

void HeaderEdits::replace(const HeaderField& field, std::string lines) {
  edits_.push_back({place_of(field), field.raw.size(), std::move(lines)});
}

void HeaderEdits::insert_before(const HeaderField& field, std::string lines) {
  edits_.push_back({place_of(field), 0, std::move(lines)});
}

void HeaderEdits::append(std::string lines) { edits_.push_back({section_.size(), 0, std::move(lines)}); }

std::size_t HeaderEdits::place_of(const HeaderField& field) const {
  CHECK(field.raw.data() >= section_.data() &&
        field.raw.data() + field.raw.size() <= section_.data() + section_.size());
  return static_cast<std::size_t>(field.raw.data() - section_.data());
}

std::string HeaderEdits::apply() const {
  std::vector<const Edit*> order;
  for (const Edit& edit : edits_) order.push_back(&edit);
  // An insertion comes before the change to the field that it stands in front of.
  const auto place = [](const Edit* edit) { return std::tuple(edit->at, edit->bytes > 0); };
  std::stable_sort(order.begin(), order.end(),
                   [&](const Edit* a, const Edit* b) { return place(a) < place(b); });

  std::string out;
  std::size_t done = 0;
  for (const Edit* edit : order) {
    if (edit->at < done) continue;
    out += section_.substr(done, edit->at - done);
    add_lines(out, edit->lines);
    done = edit->at + edit->bytes;
  }
  return out += section_.substr(done);
}

}  // namespace mailchute
