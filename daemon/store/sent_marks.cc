#include "store/sent_marks.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include "base/descriptor.h"
#include "base/exit_codes.h"
#include "store/checksum.h"
#include "store/system.h"

namespace mailchute {

namespace {

/// More recipients than connections carry at one time, all upstreams together.
constexpr std::size_t kPlaces = 4096;
constexpr std::size_t kBytes = kPlaces * sizeof(SentMarks::Mark);

/// In the place of a message's number.
constexpr std::int64_t kLogin = -1;

Result<void> check(const Descriptor& file, const std::string& name) {
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0)
    return fail("cannot look at " + name + ": " + errno_text(), exit_code::kInputOutput);
  if (!S_ISREG(facts.st_mode) || facts.st_nlink != 1)
    return fail("refusing " + name + ": it is not a regular file with one name", exit_code::kCannotCreate);
  if (::geteuid() != 0 && facts.st_uid != ::geteuid())
    return fail("refusing " + name + ": it belongs to another user", exit_code::kPermission);
  return {};
}

}  // namespace

Result<SentMarks> SentMarks::open(const std::string& path) {
  const std::string name = path + ".sent";
  Descriptor file(::open(name.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600));
  if (!file) return fail("cannot open " + name + ": " + errno_text(), exit_code::kCannotCreate);
  TRY_VOID(check(file, name));
  // Memory behind which the disk has no room would be a fatal signal at the first store.
  const int refused = ::posix_fallocate(file.get(), 0, kBytes);
  if (refused != 0)
    return fail("cannot make room for " + name + ": " + errno_text(refused), exit_code::kInputOutput);
  void* memory = ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (memory == MAP_FAILED) return fail("cannot map " + name + ": " + errno_text(), exit_code::kInputOutput);
  return SentMarks(std::span(static_cast<Mark*>(memory), kPlaces));
}

SentMarks::SentMarks(SentMarks&& other) noexcept
    : places_(std::exchange(other.places_, {})), set_(other.set_), free_from_(other.free_from_) {}

SentMarks& SentMarks::operator=(SentMarks&& other) noexcept {
  std::swap(places_, other.places_);
  std::swap(set_, other.set_);
  std::swap(free_from_, other.free_from_);
  return *this;
}

SentMarks::~SentMarks() {
  if (!places_.empty()) ::munmap(places_.data(), places_.size_bytes());
}

std::vector<SentMarks::Mark> SentMarks::left() const {
  std::vector<Mark> marks;
  for (const Mark& place : places_)
    if (place.message != 0) marks.push_back(place);
  return marks;
}

void SentMarks::clear_all() {
  std::fill(places_.begin(), places_.end(), Mark{});
  set_ = 0;
  free_from_ = 0;
}

SentMarks::Mark SentMarks::login(std::string_view upstream) { return {kLogin, checksum(upstream, kLogin)}; }

std::size_t SentMarks::count(Mark mark) const {
  if (set_ == 0) return 0;
  return static_cast<std::size_t>(std::count(places_.begin(), places_.end(), mark));
}

void SentMarks::set(Mark mark) {
  if (set_ == places_.size()) return;
  while (places_[free_from_].message != 0) ++free_from_;
  places_[free_from_].row = mark.row;
  // The message last: a process that ends between the two has marked nothing, rather than something else.
  std::atomic_ref(places_[free_from_].message).store(mark.message, std::memory_order_release);
  ++set_;
}

void SentMarks::clear(Mark mark) {
  if (set_ == 0) return;
  const auto found = std::find(places_.begin(), places_.end(), mark);
  if (found == places_.end()) return;
  found->message = 0;
  --set_;
  // What is marked keeps to the front, where clear() finds it soon.
  free_from_ = std::min(free_from_, static_cast<std::size_t>(found - places_.begin()));
}

}  // namespace mailchute
