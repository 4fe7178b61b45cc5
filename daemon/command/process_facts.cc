#include "command/process_facts.h"

#include <unistd.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <vector>

#include "base/text.h"

namespace mailchute {

namespace {

constexpr std::string_view kListening = "0A";  // TCP_LISTEN, as /proc/net/tcp has it
constexpr std::size_t kInodeColumn = 9;

std::string read_whole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

template <typename Number>
std::optional<Number> number(std::string_view text, int base = 10) {
  Number value{};
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::string> words_of(std::string_view line) {
  std::istringstream stream{std::string(line)};
  return {std::istream_iterator<std::string>(stream), std::istream_iterator<std::string>()};
}

/// The soft limit in `Max core file size  0  unlimited  bytes`.
std::optional<std::uint64_t> soft_limit(std::string_view line, std::size_t name_words) {
  const auto words = words_of(line);
  if (words.size() <= name_words) return std::nullopt;
  if (words[name_words] == "unlimited") return UINT64_MAX;
  return number<std::uint64_t>(words[name_words]);
}

void read_status_line(std::string_view line, ProcessFacts& facts) {
  const auto words = words_of(line);
  if (words.size() < 2) return;
  if (words[0] == "Name:") facts.name = printable(words[1], 40);
  if (words[0] == "Uid:" && words.size() > 2) facts.user = number<uid_t>(words[2]);
  if (words[0] == "CapEff:") facts.capabilities = number<std::uint64_t>(words[1], 16);
  if (words[0] == "NoNewPrivs:") facts.no_new_privileges = number<int>(words[1]);
  if (words[0] == "Seccomp:") facts.seccomp = number<int>(words[1]);
}

/// `socket:[4711]` among a process's descriptors.
bool holds_socket(const std::filesystem::path& process, const std::string& wanted) {
  std::error_code failed;
  for (auto entry = std::filesystem::directory_iterator(process / "fd", failed);
       !failed && entry != std::filesystem::directory_iterator(); entry.increment(failed)) {
    std::error_code unseen;
    if (std::filesystem::read_symlink(entry->path(), unseen).string() == wanted) return true;
  }
  return false;
}

std::string holder_of(std::uint64_t inode) {
  const std::string wanted = "socket:[" + std::to_string(inode) + "]";
  std::string holders;
  std::error_code failed;
  for (auto entry = std::filesystem::directory_iterator("/proc", failed);
       !failed && entry != std::filesystem::directory_iterator(); entry.increment(failed)) {
    const std::string pid = entry->path().filename().string();
    if (!number<std::uint64_t>(pid) || !holds_socket(entry->path(), wanted)) continue;
    const std::string name = parse_process(read_whole(entry->path() / "status"), "").name;
    // systemd holds the sockets that it passes; the service itself tells more.
    if (holders.empty() || holders.starts_with("systemd ")) holders = name + " (pid " + pid + ")";
  }
  return holders;
}

}  // namespace

ProcessFacts parse_process(std::string_view status, std::string_view limits) {
  ProcessFacts facts;
  for (const std::string_view line : split(status, '\n')) read_status_line(line, facts);
  for (const std::string_view line : split(limits, '\n')) {
    if (line.starts_with("Max core file size")) facts.core_bytes_max = soft_limit(line, 4);
    if (line.starts_with("Max open files")) facts.files_max = soft_limit(line, 3);
  }
  return facts;
}

std::optional<ProcessFacts> process_facts(std::int64_t pid) {
  if (pid <= 0) return std::nullopt;
  const std::string folder = "/proc/" + std::to_string(pid);
  const std::string status = read_whole(folder + "/status");
  if (status.empty()) return std::nullopt;
  return parse_process(status, read_whole(folder + "/limits"));
}

std::optional<std::uint64_t> listening_inode(std::string_view table, std::uint16_t port) {
  std::array<char, 8> wanted{};
  std::snprintf(wanted.data(), wanted.size(), ":%04X", static_cast<unsigned>(port));
  for (const std::string_view line : split(table, '\n')) {
    const auto words = words_of(line);
    if (words.size() <= kInodeColumn || words[3] != kListening || !words[1].ends_with(wanted.data()))
      continue;
    if (const auto inode = number<std::uint64_t>(words[kInodeColumn])) return inode;
  }
  return std::nullopt;
}

std::optional<std::string> listener_at(std::uint16_t port) {
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"})
    if (const auto inode = listening_inode(read_whole(table), port)) return holder_of(*inode);
  return std::nullopt;
}

std::string holder_in_words(const std::string& holder) { return holder.empty() ? "another program" : holder; }

}  // namespace mailchute
