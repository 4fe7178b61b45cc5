#include "command/upstream_view.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "command/table.h"
#include "command/words.h"
#include "mail/reply.h"

namespace mailchute {

namespace {

/// As the daemon counts: connections that failed so often in a row will not mend themselves soon.
constexpr int kFailuresUntilDown = 5;

std::string state_word(const UpstreamState& state) {
  if (state.paused) return "paused";
  if (state.trouble.empty() || state.trouble == "none") return "ok";
  const bool person_needed =
      state.trouble == "login" || state.trouble == "person" || state.stage == Stage::Auth;
  return person_needed || state.failures >= kFailuresUntilDown ? "down" : "cooling_down";
}

void add_saved(LiveUpstream& upstream, const UpstreamState& state, WallTime now) {
  upstream.state = state_word(state);
  upstream.last_success = state.last_success;
  const bool trouble = !state.trouble.empty() && state.trouble != "none";
  if (trouble) upstream.reason = std::string(stage_name(state.stage)) + ": " + reply_line(state.reply);
  if (trouble && state.cooling_until && *state.cooling_until > now) upstream.until = state.cooling_until;
  if (state.paused && upstream.reason.empty()) upstream.reason = "paused by the operator";
}

std::string ago(const std::optional<WallTime>& time, WallTime now) {
  return time ? short_duration(now - *time) + " ago" : "never";
}

std::string until(const LiveUpstream& upstream, WallTime now) {
  // A pause ends when somebody ends it.
  if (upstream.state == "paused" || !upstream.until) return "";
  return "in " + long_duration(*upstream.until - now);
}

std::vector<std::string> cells(const LiveUpstream& upstream, WallTime now) {
  return {printable(upstream.name),        printable(upstream.provider),
          printable(upstream.state),       std::to_string(upstream.connections),
          ago(upstream.last_success, now), until(upstream, now)};
}

}  // namespace

std::vector<LiveUpstream> saved_upstreams(const Settings& settings, const std::vector<UpstreamState>& saved,
                                          WallTime now) {
  std::vector<LiveUpstream> upstreams;
  for (const UpstreamSettings& configured : settings.upstreams) {
    LiveUpstream upstream;
    upstream.name = configured.name;
    upstream.provider = configured.provider;
    upstream.state = "ok";
    const auto found = std::find_if(saved.begin(), saved.end(), [&](const UpstreamState& state) {
      return state.name == configured.name;
    });
    if (found != saved.end()) add_saved(upstream, *found, now);
    upstreams.push_back(std::move(upstream));
  }
  return upstreams;
}

std::string upstream_table(const std::vector<LiveUpstream>& upstreams, WallTime now, std::size_t screen) {
  if (upstreams.empty()) return "";
  std::vector<Column> columns = {{"UPSTREAM"},     {"PROVIDER"}, {"STATE"}, {"OPEN", 0, Align::Right},
                                 {"LAST SUCCESS"}, {"NEXT TRY"}};
  std::vector<std::vector<std::string>> rows;
  for (const LiveUpstream& upstream : upstreams) rows.push_back(cells(upstream, now));
  widen(columns, rows);
  std::string text = table_header(columns, screen);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    text += table_row(columns, rows[i], screen);
    // The whole reason: what a provider says last is often what helps.
    if (!upstreams[i].reason.empty()) text += table_note("  " + printable(upstreams[i].reason, 4096), 0);
  }
  return text;
}

}  // namespace mailchute
