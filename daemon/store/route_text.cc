#include "store/route_text.h"

#include <algorithm>

#include "base/text.h"

namespace mailchute {

namespace {

constexpr char kCannot = '!';

enum class Names { Left, Refusers };

std::vector<std::string> names_of(std::string_view route, Names which) {
  std::vector<std::string> names;
  for (std::string_view name : split(route, ',')) {
    const bool refuses = name.starts_with(kCannot);
    if (refuses) name.remove_prefix(1);
    if (!name.empty() && refuses == (which == Names::Refusers)) names.emplace_back(name);
  }
  return names;
}

}  // namespace

std::vector<std::string> route_upstreams(std::string_view route) { return names_of(route, Names::Left); }

std::vector<std::string> route_refusers(std::string_view route) { return names_of(route, Names::Refusers); }

std::string narrowed(std::string_view route, std::string_view upstream) {
  const std::vector<std::string> left = route_upstreams(route);
  if (left.size() < 2 || std::find(left.begin(), left.end(), upstream) == left.end()) return {};
  std::string text;
  for (const std::string_view name : split(route, ',')) {
    if (!text.empty()) text += ',';
    if (name == upstream) text += kCannot;
    text += name;
  }
  return text;
}

std::string widened(std::string_view route) {
  std::string text(route);
  std::erase(text, kCannot);
  return text;
}

}  // namespace mailchute
