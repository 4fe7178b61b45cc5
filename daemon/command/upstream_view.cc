#include "command/upstream_view.h"

#include <algorithm>
#include <cctype>
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
  if (trouble) upstream.trouble = state.trouble;
  if (trouble) upstream.reason = std::string(stage_name(state.stage)) + ": " + reply_line(state.reply);
  if (trouble && state.cooling_until && *state.cooling_until > now) upstream.until = state.cooling_until;
  if (state.paused && upstream.reason.empty()) upstream.reason = "paused by the operator";
}

Phrase ago(const std::optional<WallTime>& time, WallTime now) {
  if (!time) return said({"never", "从未"});
  const Phrase distance{short_duration(now - *time), short_duration(now - *time, Language::Chinese)};
  return said({"{} ago", "{}前"}, {distance});
}

Phrase until(const LiveUpstream& upstream, WallTime now) {
  // A pause ends when somebody ends it.
  if (upstream.state == "paused" || !upstream.until) return {};
  return said({"in {}", "{}后"}, {spoken(*upstream.until - now)});
}

/// `auth: 535 ...` is an answer; `auth: connection lost` is none, and no refusal.
bool has_code(std::string_view reason) {
  const auto colon = reason.find(": ");
  return colon != std::string_view::npos && colon + 2 < reason.size() &&
         std::isdigit(static_cast<unsigned char>(reason[colon + 2])) != 0;
}

std::vector<std::string> cells(const LiveUpstream& upstream, WallTime now, Language language) {
  return {printable(upstream.name),
          printable(upstream.provider),
          state_phrase(upstream).in(language),
          std::to_string(upstream.connections),
          ago(upstream.last_success, now).in(language),
          until(upstream, now).in(language)};
}

std::vector<Column> columns_in(Language language) {
  const auto title = [language](PhraseForm words) { return said(words).in(language); };
  return {{title({"UPSTREAM", "上游"})},
          {title({"PROVIDER", "服务商"})},
          {title({"STATE", "状态"})},
          {title({"OPEN", "连接"}), 0, Align::Right},
          {title({"LAST SUCCESS", "上次成功"})},
          {title({"NEXT TRY", "下次尝试"})}};
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

Phrase state_phrase(const LiveUpstream& upstream) {
  if (upstream.state == "ok") return {"ok", "正常"};
  if (upstream.state == "paused") return said({"paused", "已暂停"});
  if (asks_for_patience(upstream)) return said({"asked to slow down", "要求放慢"});
  if (upstream.trouble == "limit") return said({"at its limit", "已达限额"});
  const bool said_no = has_code(upstream.reason);
  if (upstream.trouble == "login" || (upstream.reason.starts_with("auth:") && said_no))
    return said({"login refused", "登录被拒"});
  if (upstream.trouble == "person") return said({"needs a person", "需要人处理"});
  if (upstream.trouble == "connection" && !said_no) return said({"unreachable", "连不上"});
  return upstream.state == "down" ? said({"does not work", "不可用"}) : said({"resting", "冷却中"});
}

bool asks_for_patience(const LiveUpstream& upstream) {
  return upstream.trouble == "rate" || upstream.trouble == "quota";
}

std::string upstream_table(const std::vector<LiveUpstream>& upstreams, WallTime now, std::size_t screen,
                           Language language) {
  if (upstreams.empty()) return "";
  std::vector<Column> columns = columns_in(language);
  std::vector<std::vector<std::string>> rows;
  for (const LiveUpstream& upstream : upstreams) rows.push_back(cells(upstream, now, language));
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
