// `setup`: answers, tried live, and only then written.
#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "base/exit_codes.h"
#include "base/phrase.h"
#include "base/text.h"
#include "command/commands.h"
#include "command/console.h"
#include "command/line_diff.h"
#include "command/login_ladder.h"
#include "command/privileges.h"
#include "command/probe_run.h"
#include "command/probe_view.h"
#include "command/secret_store.h"
#include "command/send_test.h"
#include "command/setup_plan.h"
#include "command/setup_questions.h"
#include "command/setup_service.h"
#include "command/setup_write.h"
#include "command/typed_address.h"
#include "settings/secret.h"

namespace mailchute {

namespace {

constexpr int kSaidNo = 1;
/// Providers lock accounts whose logins fail more often.
constexpr int kLoginsMost = 3;

bool has_control_byte(const std::string& text) {
  return std::any_of(text.begin(), text.end(),
                     [](char byte) { return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F; });
}

/// One run, from the first question to the last word.
class Setup {
 public:
  Setup(CommonOptions options, const SetupOptions& given)
      : options_(std::move(options)),
        given_(given),
        language_(language_of_process()),
        load_options_(options_of_process(options_.config)),
        profiles_(read_profiles(load_options_)),
        questions_(profiles_, language_) {
    load_options_.path = std::filesystem::absolute(load_options_.path).lexically_normal().string();
  }

  Result<int> run() {
    TRY_VOID(take_answers());
    TRY_VOID(check_writable(load_options_.path));
    tell_of_another_server();
    plan_ = TRY(planned());
    TRY_VOID(take_secret());
    TRY_VOID(take_root());
    if (unchanged())
      return finished(said({"nothing to change: {} says the same already", "无需改动：{} 的内容已经如此"},
                           {load_options_.path}));
    if (!TRY(tried())) return kSaidNo;
    if (!TRY(agreed())) return finished_without();
    TRY_VOID(write_setup({load_options_.path, plan_.after, plan_.upstream.password_file,
                          secret_is_stored() ? std::nullopt : std::optional(secret_)}));
    return finished(
        said({"wrote {} and {}", "已写入 {} 和 {}"}, {load_options_.path, plan_.upstream.password_file}));
  }

 private:
  bool asks() const { return given_.questions == SetupOptions::Questions::Asked && someone_to_ask(); }

  Result<void> take_answers() {
    answers_ = {given_.provider, given_.user, given_.root_to, given_.host,
                given_.port,     given_.tls,  given_.ca_file};
    const Loaded now = load(load_options_);
    if (now.settings) old_root_ = now.settings->root;
    const bool known = now.settings && !now.settings->upstreams.empty();
    if (asks()) TRY_VOID(questions_.account(answers_, known ? now.settings->upstreams.front().user : ""));
    if (answers_.user.empty() && answers_.provider.empty() && answers_.host.empty())
      return needs("--user USER");
    if (answers_.root.empty()) answers_.root = old_root_.empty() ? answers_.user : old_root_;
    if (!given_.root_to.empty() && !is_address(given_.root_to))
      return fail("--root-to: " + printable(given_.root_to, 200) +
                      " is no mail address; next: --root-to with one that somebody reads, as in "
                      "--root-to you@example.com",
                  exit_code::kUsage);
    // A user that is no address cannot stand in for one, not even until the question is asked.
    if (answers_.root.find('@') == std::string::npos) {
      if (!asks()) return needs("--root-to ADDRESS");
      answers_.root = TRY(questions_.root(""));
    }
    for (const std::string* text : {&answers_.user, &answers_.root, &answers_.host, &answers_.ca_file})
      if (has_control_byte(*text))
        return fail("an answer has a control byte in it; next: type it anew", exit_code::kBadData);
    return {};
  }

  static Result<void> needs(const std::string& option) {
    return fail("nobody is here to ask; next: mailchute setup " + option + " ... --no-input",
                exit_code::kUsage);
  }

  /// At another server nothing of what is known of the user's provider counts, unless it is named.
  void tell_of_another_server() const {
    const Profile* usual = answers_.user.empty() ? nullptr : profiles_.for_user(answers_.user);
    if (usual == nullptr || answers_.host.empty() || !answers_.provider.empty()) return;
    tell(said(
        {"{} is taken for a server of its own, and nothing that is known of {} is used; to use it all the "
         "same: --provider {}",
         "{} 按独立的服务器处理，不使用 {} 的已知设置；若仍要使用：--provider {}"},
        {printable(answers_.host), printable(usual->head.title), printable(usual->name)}));
  }

  Result<SetupPlan> planned() const {
    const bool override_it = given_.handwritten == SetupOptions::Handwritten::Overridden;
    return make_plan(load_options_, profiles_, answers_,
                     override_it ? Handwritten::Override : Handwritten::Keep);
  }

  Result<void> take_root() {
    if (!asks() || !given_.root_to.empty()) return {};
    answers_.root = TRY(questions_.root(answers_.root));
    plan_ = TRY(planned());
    return {};
  }

  Result<void> take_secret() {
    if (!given_.password_file.empty()) {
      secret_ = TRY(secret_from_input(given_.password_file, plan_.upstream.secret.blanks));
      return {};
    }
    if (auto stored = read_secret(plan_.upstream); stored && same_account()) {
      secret_ = std::move(*stored);
      if (!asks() || TRY(questions_.yes({"Keep the stored secret?", "沿用已保存的密码？"}))) return {};
    }
    if (!asks()) return needs("--password-file FILE");
    return ask_for_secret();
  }

  /// A secret that is stored is of use for the account that it was stored for.
  bool same_account() const {
    const Loaded now = load(load_options_);
    if (!now.settings) return false;
    return std::any_of(
        now.settings->upstreams.begin(), now.settings->upstreams.end(), [this](const UpstreamSettings& each) {
          return each.user == plan_.upstream.user && each.password_file == plan_.upstream.password_file;
        });
  }

  Result<void> ask_for_secret() {
    const std::string how = secret_advice(plan_.upstream.secret, language_);
    if (!how.empty()) say(how.substr(0, how.size() - 1));
    for (;;) {
      auto typed = secret_from_person(plan_.upstream, language_);
      if (!typed && typed.error().code == exit_code::kNoInput &&
          typed.error().text.find("it is empty") == std::string::npos)
        return tl::unexpected(typed.error());
      if (typed) secret_ = std::move(*typed);
      if (typed) return {};
      say(typed.error().text);
    }
  }

  bool secret_is_stored() const {
    const auto stored = read_secret(plan_.upstream);
    return stored && *stored == secret_;
  }
  bool unchanged() const { return plan_.before == plan_.after && secret_is_stored(); }

  /// True once every step was good; false when it is not to be: what was wrong has been said.
  Result<bool> tried() {
    auto resting = ProbeRequest::RestingLogin::Withheld;
    for (int logins = 0;;) {
      const ProbeRun run = tried_once(resting);
      const ProbeStep* failed = run.failure();
      resting = ProbeRequest::RestingLogin::Withheld;
      if (failed == nullptr && run.no_login) {
        if (!TRY(tried_all_the_same(*run.no_login))) return false;
        resting = ProbeRequest::RestingLogin::Tried;
        continue;
      }
      if (failed == nullptr) return true;
      if (failed->stage == Stage::Auth) ++logins;
      if (!asks() || !TRY(mended(*failed, logins))) return tell_failure(*failed);
    }
  }

  /// A login here counts for the daemon like its own: the provider does not tell them apart.
  ProbeRun tried_once(ProbeRequest::RestingLogin resting) const {
    const auto which = secret_is_stored() ? LoginTrial::Secret::InUse : LoginTrial::Secret::Other;
    const LoginLadder ladder(plan_.settings, plan_.upstream, which);
    return run_probe(
        {plan_.upstream, plan_.settings.hostname, ProbeWish::Depth::Sender, secret_, &ladder, resting},
        print_step);
  }

  /// The very secret that was refused a while ago: only a person can know that it is good by now.
  Result<bool> tried_all_the_same(const NoLogin& none) const {
    // A daemon that cannot be asked is no reason to leave a machine without mail.
    if (none.why == NoLogin::Why::Unknown) return true;
    const std::string& name = plan_.upstream.name;
    say(withheld_words(name, none.rest, SystemClock().wall(), language_));
    if (asks() && TRY(questions_.yes({"Was the account mended at the provider, so that it is worth a try?",
                                      "账号在服务商那边已经处理好、值得再试一次吗？"})))
      return true;
    tell(said({"nothing was written; next: {} once the account is mended, or setup with a new secret",
               "什么都没有写入；账号处理好之后，下一步：{}，或用新密码重新运行 setup"},
              {next_command(options_, "upstream resume " + printable(name))}));
    return false;
  }

  bool tell_failure(const ProbeStep& failed) const {
    if (failed.stage == Stage::Tls && failed.reply.text.find("certificate") != std::string::npos)
      tell(said({"its certificate is not trusted: see that the clock is right ({}), and that it is the right "
                 "server; one with roots of its own needs --ca-file FILE",
                 "它的证书不受信任：请看时钟是否准确（{}）、服务器是否正确；使用自有根证书的服务器需要 "
                 "--ca-file FILE"},
                {"date"}));
    tell(said(
        {"nothing was written: {} failed; next: {}, again", "什么都没有写入：{} 失败；下一步：重新运行 {}"},
        {stage_name(failed.stage), next_command(options_, "setup")}));
    return false;
  }

  /// Whether a person has given another answer that is worth a try.
  Result<bool> mended(const ProbeStep& failed, int logins) {
    const bool about_secret = failed.reply.code != 0 || failed.verdict->rule != "login-unanswered";
    if (failed.stage == Stage::Auth && about_secret) return another_secret(logins);
    if (failed.stage == Stage::Connect || failed.stage == Stage::Tls || failed.stage == Stage::Greeting)
      return another_port();
    tell(probe_advice(options_, plan_.upstream, failed));
    return false;
  }

  Result<bool> another_secret(int logins) {
    if (logins >= kLoginsMost) {
      questions_.tell(
          {"That was the third login in a row that was refused. More of them may lock the account; come back "
           "once you have made a new secret.",
           "已经连续三次登录被拒绝。再试可能会锁住账号；请先生成新的授权码或密码，再来运行。"});
      return false;
    }
    const Secret refused = secret_;
    TRY_VOID(ask_for_secret());
    if (!(secret_ == refused)) return true;
    questions_.tell({"That is the one that was just refused; it is not tried again.",
                     "这就是刚才被拒绝的那个，不再重试。"});
    return false;
  }

  /// The provider's other ports, for networks that block the first.
  Result<bool> another_port() {
    if (tried_alternatives_ >= plan_.upstream.alternatives.size()) return false;
    const Alternative other = plan_.upstream.alternatives[tried_alternatives_++];
    const std::string place = other.host + ":" + std::to_string(other.port);
    if (!TRY(questions_.yes({"Try " + place + " instead?", "改试 " + place + "？"}))) return false;
    if (other.host != plan_.upstream.host) answers_.host = other.host;
    answers_.port = std::to_string(other.port);
    answers_.tls = other.tls == TlsMode::StartTls ? "starttls" : "implicit";
    plan_ = TRY(planned());
    return true;
  }

  /// Shows what will be written; a person may say no.
  Result<bool> agreed() const {
    const std::string diff = line_diff(plan_.before, plan_.after);
    if (!diff.empty()) print(printable(load_options_.path, 4096) + "\n" + diff);
    if (!secret_is_stored())
      print(printable(plan_.upstream.password_file, 4096) + "\n+ (" +
            secret_name(plan_.upstream.secret, language_) + ", " + secret_access_words().in(language_) +
            ")\n");
    finish(0);
    if (!asks()) return true;
    return questions_.yes({"Write this?", "写入以上内容？"});
  }

  int finished_without() const {
    tell(said({"nothing was written", "什么都没有写入"}));
    return finish(kSaidNo);
  }

  /// The last word, and the daemon.
  Result<int> finished(const Phrase& words) {
    print(words.in(language_) + "\n");
    auto reloaded = reload_daemon(plan_.settings);
    if (!reloaded && reloaded.error().code == exit_code::kNotRunning) {
      if (!TRY(service_started())) return without_daemon();
      reloaded = {};
    }
    TRY_VOID(reloaded);
    const bool test =
        given_.send_test || (asks() && TRY(questions_.yes({"Send a test mail to " + answers_.root + "?",
                                                           "给 " + answers_.root + " 发一封测试邮件？"})));
    if (test) return send_test(options_, plan_.settings, {answers_.root, ""});
    tell(said({"the daemon goes by it; next: {}", "守护进程已按此运行；下一步：{}"}, {test_command()}));
    return finish(0);
  }

  /// Who scripts it wants a relay that runs; a person is asked.
  Result<bool> service_started() const {
    if (!service_can_start(plan_.settings)) return false;
    if (asks() &&
        !TRY(questions_.yes({"Start the service now, and at every boot?", "现在启动服务，并设为开机启动？"})))
      return false;
    TRY_VOID(start_service());
    print(said({"started the service, now and at every boot", "已启动服务，并设为开机启动"}).in(language_) +
          "\n");
    return true;
  }

  std::string test_command() const { return next_command(options_, "send-test " + printable(answers_.root)); }

  void tell(const Phrase& words) const { say(words.in(language_)); }

  int without_daemon() const {
    const std::string start = service_can_start(plan_.settings)
                                  ? "systemctl enable --now mailchute.socket mailchute-submit.socket "
                                    "mailchute-control.socket mailchute.service"
                                  : next_command(options_, "run");
    tell(said(
        {"no daemon runs with it yet; next: {}, then: {}", "还没有守护进程按它运行；下一步：{}，然后：{}"},
        {start, test_command()}));
    return finish(given_.send_test ? exit_code::kNotRunning : 0);
  }

  CommonOptions options_;
  const SetupOptions& given_;
  Language language_;
  LoadOptions load_options_;
  Profiles profiles_;
  SetupQuestions questions_;
  SetupAnswers answers_;
  std::string old_root_;
  SetupPlan plan_;
  Secret secret_;
  std::size_t tried_alternatives_ = 0;
};

}  // namespace

int command_setup(const CommonOptions& options, const SetupOptions& setup) {
  harden_process();
  const auto status = Setup(options, setup).run();
  return status ? *status : complain(options, status.error());
}

}  // namespace mailchute
