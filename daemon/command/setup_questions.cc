#include "command/setup_questions.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "command/console.h"
#include "command/table.h"
#include "command/terminal.h"
#include "command/typed_address.h"
#include "settings/host.h"

namespace mailchute {

namespace {

constexpr char kCustom[] = "custom";

}  // namespace

void SetupQuestions::tell(const Explanation& words) const { say(words.in(language_)); }

Result<std::string> SetupQuestions::answer(const Explanation& question, const std::string& usual) const {
  const std::string hint = usual.empty() ? "" : " [" + printable(usual) + "]";
  std::string typed = TRY(ask_line(question.in(language_) + hint + ": "));
  return typed.empty() ? usual : typed;
}

Result<bool> SetupQuestions::yes(const Explanation& question) const {
  const std::string word = lower(TRY(ask_line(question.in(language_) + " [Y/n] ")));
  return word.empty() || word == "y" || word == "yes" || word == "是";
}

Result<void> SetupQuestions::account(SetupAnswers& answers, const std::string& usual_user) const {
  if (answers.user.empty() && answers.provider.empty()) TRY_VOID(account_name(answers, usual_user));
  if (!provider_of(profiles_, answers)) TRY_VOID(provider(answers));
  const Profile& profile = *TRY(provider_of(profiles_, answers));
  TRY_VOID(user(answers, profile));
  return server(answers, profile);
}

Result<void> SetupQuestions::account_name(SetupAnswers& answers, const std::string& usual_user) const {
  for (;;) {
    const std::string typed =
        TRY(answer({"Which mail address sends the mail of this machine? (or a provider; ? lists them)",
                    "这台机器用哪个邮箱地址发信？（也可以输入服务商，输入 ? 列出）"},
                   usual_user));
    if (typed == "?") {
      list_providers();
    } else if (is_address(typed)) {
      answers.user = typed;
      return {};
    } else if (profiles_.find(typed) != nullptr) {
      answers.provider = typed;
      return {};
    } else {
      tell({"that is neither an address nor a provider", "这既不是邮箱地址，也不是服务商的名称"});
    }
  }
}

Result<void> SetupQuestions::provider(SetupAnswers& answers) const {
  answers.provider.clear();
  list_providers();
  while (profiles_.find(answers.provider) == nullptr)
    answers.provider = TRY(
        answer({"Whose server is it? (custom: another one)", "是哪家的服务器？（custom：其他）"}, kCustom));
  return {};
}

Result<void> SetupQuestions::user(SetupAnswers& answers, const Profile& profile) const {
  const std::string usual = default_of(profile, "user");
  while (answers.user.empty()) answers.user = TRY(answer({"User (login)", "用户名（登录名）"}, usual));
  return {};
}

/// Where the provider has one server this asks nothing.
Result<void> SetupQuestions::server(SetupAnswers& answers, const Profile& profile) const {
  if (!default_of(profile, "host").empty()) return {};
  const std::string& example = profile.head.host_example;
  const std::string such = example.empty() ? "" : " (" + printable(example) + ")";
  while (!canonical_host(answers.host)) {
    if (!answers.host.empty()) tell({"that is no name of a server", "这不是服务器地址"});
    answers.host = TRY(answer({"Name of its server" + such, "服务器地址" + such}, ""));
  }
  if (!answers.port.empty() || profile.name != kCustom) return {};
  do {
    answers.port = TRY(
        answer({"Port (465: TLS at once, 587: STARTTLS)", "端口（465：直接 TLS，587：STARTTLS）"}, "465"));
  } while (parse_unsigned(answers.port).value_or(0) - 1 >= 65'535);
  return {};
}

Result<std::string> SetupQuestions::root(const std::string& usual) const {
  for (;;) {
    const std::string typed = TRY(answer({"Who reads the mail for root and other local names (cron, alerts)?",
                                          "发给 root 等本机用户的邮件（cron、告警）由谁来收？"},
                                         usual));
    if (is_address(typed)) return typed;
    tell({"that is no mail address", "这不是邮箱地址"});
  }
}

void SetupQuestions::list_providers() const {
  std::vector<Column> columns = {{""}, {""}, {""}};
  std::vector<std::vector<std::string>> rows;
  for (const std::string& name : profiles_.names()) {
    const Profile& profile = *profiles_.find(name);
    std::string domains;
    for (const std::string& domain : profile.head.domains)
      domains += (domains.empty() ? "" : " ") + printable(domain);
    rows.push_back({printable(name), printable(profile.head.title), domains});
  }
  widen(columns, rows);
  std::string list;
  for (const auto& row : rows) list += "  " + table_row(columns, row, 78);
  say(list.substr(0, list.size() - 1));
}

}  // namespace mailchute
