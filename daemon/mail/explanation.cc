#include "mail/explanation.h"

#include <algorithm>
#include <array>

namespace mailchute {

namespace {

struct Row {
  std::string_view id;
  std::string_view words;
  std::string_view words_zh;
};

constexpr std::array kRows = {
    Row{"no-connection",
        "The provider could not be reached, or ended the connection before any message was spoken of. "
        "Nothing is "
        "lost: mail waits and the connection is tried again by itself. If it lasts, check the network, the "
        "host, "
        "the port and the TLS mode.",
        "连不上邮件服务商，或者还没提到邮件连接就被断开。邮件没有丢，会自动重新连接。如果一直这样，请检查网络"
        "、服务器地址、端口和 "
        "TLS 方式。"},
    Row{"not-let-in",
        "The provider answered and will not talk to this machine. Mail waits. Read its words: it may be the "
        "address of this machine, the name it gives itself (hostname), or a wrong port or TLS mode.",
        "服务商有回应，但不愿意和这台机器通信。邮件在等待。请看它的原话：可能是本机的 IP "
        "地址、本机自报的名字（hostname），或者端口、TLS 方式不对。"},
    Row{"login-refused",
        "The provider refused the login. Mail waits; the login is tried again seldom, so that the account is "
        "not "
        "locked. Check user and secret, and whether SMTP is switched on for the mailbox; a new secret is "
        "tried at "
        "once.",
        "服务商拒绝了登录。邮件在等待；为了不让账号被锁，只会很少地再试。请检查用户名和密码（授权码），以及邮"
        "箱里是否开启了 "
        "SMTP 服务；换上新密码后会马上再试。"},
    Row{"login-unanswered",
        "The login came to no clear answer. It says nothing about the mail, which waits; the login is tried "
        "again "
        "after a while.",
        "登录没有得到明确的答复。这与邮件本身无关，邮件在等待，过一段时间会再登录。"},
    Row{"not-logged-in",
        "The provider does not take us for logged in. A new login is tried; if that does not help, mail "
        "waits and "
        "the user and the secret should be checked.",
        "服务商认为我们没有登录。会重新登录一次；如果还不行，邮件会等待，请检查用户名和密码（授权码）。"},
    Row{"connection-lost",
        "The connection was lost before the provider judged the message. It goes out over a new one; no "
        "attempt is "
        "counted.",
        "服务商还没有处理这封邮件，连接就断了。会用新的连接再发，不算一次尝试。"},
    Row{"goodbye",
        "The provider closed the session, as servers do after so many messages or minutes. The message goes "
        "out "
        "over a new connection; no attempt is counted.",
        "服务商结束了会话，服务器发过若干封邮件或过了一段时间常会这样。会用新的连接再发，不算一次尝试。"},
    Row{"answer-lost",
        "All of the message was sent and the provider's answer was lost: it may have been delivered. It is "
        "sent "
        "again with the same Message-ID, so the recipient may see it twice.",
        "邮件已全部发出，但服务商的答复丢失了：可能已经送达。会用同一个 Message-ID "
        "再发一次，收件人可能看到两封。"},
    Row{"lost-in-content",
        "The connection was lost while the content was being sent. It is sent again later. If it is always "
        "this "
        "message, its size or content may be what the provider cannot take.",
        "正在发送邮件内容时连接断了，过一会儿会再发。如果总是这一封，可能是它的大小或内容服务商处理不了。"},
    Row{"sender-deferred",
        "The provider does not take mail from this sender at the moment. It is tried again later.",
        "服务商暂时不接受这个发件人的邮件，稍后会再试。"},
    Row{"sender-refused",
        "The provider refuses this sender. Most providers take mail from the login address only: set "
        "envelope_sender: login, or let the app use an address of the account.",
        "服务商拒绝这个发件人。多数服务商只接受登录账号自己的地址：请设置 envelope_sender: "
        "login，或让程序使用账号的地址作为发件人。"},
    Row{"recipient-deferred",
        "The provider does not take mail for this recipient at the moment. It is tried again later.",
        "服务商暂时不接受发给这个收件人的邮件，稍后会再试。"},
    Row{"recipient-refused",
        "The provider refuses this recipient. Check the address for a slip; the recipients beside it are not "
        "concerned.",
        "服务商拒绝这个收件人。请检查地址有没有写错；同一封邮件的其他收件人不受影响。"},
    Row{"too-many-recipients",
        "The provider takes fewer recipients in one message. The rest follow in another; a smaller "
        "recipients_per_message avoids the detour.",
        "一封邮件的收件人超过了服务商的上限。其余的会另外发送；把 recipients_per_message "
        "调小可以避免这种情况。"},
    Row{"message-deferred", "The provider does not take the message at the moment. It is tried again later.",
        "服务商暂时不接受这封邮件，稍后会再试。"},
    Row{"message-refused",
        "The provider refuses this message for good, and says so again however often it is sent. Read its "
        "words; "
        "the content, a header or an attachment may be what it objects to.",
        "服务商永久拒绝这封邮件，再发也一样。请看它的原话：可能是内容、邮件头或附件的问题。"},
    Row{"message-too-large", "The message is larger than the provider takes.",
        "邮件超过了服务商允许的大小。"},
    Row{"needs-smtputf8",
        "The message has an address, or a header, in letters that this provider does not carry: it does not "
        "offer SMTPUTF8. A later upstream of its route that offers it would take it.",
        "邮件的地址或邮件头里有这个服务商不支持的字符（它不提供 "
        "SMTPUTF8）。路由里后面的上游如果支持，就能发出"
        "。"},
    Row{"slow-down",
        "The provider asks for less mail, though it says so with the code of a final refusal. Nothing is "
        "bounced: "
        "the upstream rests, longer each time, and mail waits.",
        "服务商嫌发得太快或太多，虽然用的是永久拒绝的代码。邮件不会被退回：会停一段时间再发，每次停得更久。"},
    Row{"quota-used-up",
        "What may be sent in a day has been sent. Mail waits until the provider counts anew; if that happens "
        "often, "
        "spread the mail over more accounts or ask for a larger quota.",
        "当天允许发送的数量已经用完。邮件会等到服务商重新计数；如果经常这样，请分散到多个账号，或申请更高的额"
        "度。"},
    Row{"person-needed",
        "Only a person can help here: read the provider's words and do what they ask for in its web pages. "
        "Until "
        "then mail waits, and this upstream is tried seldom.",
        "这里需要人来处理：请看服务商的原话，到它的网页上按要求操作。在此之前邮件会等待，也只会偶尔再试。"},
    Row{"refuses-everybody",
        "The provider has refused several messages to different people in a row, in the same words, and "
        "delivered "
        "none between them: it is hardly the messages that are wrong. It may be the account, or this "
        "machine's "
        "address. What waits is not given back; it is tried seldom until one is delivered. Read the "
        "provider's "
        "words, mend the account, then type `mailchute upstream resume NAME`.",
        "服务商用同样的话连续拒绝了发给不同收件人的几封邮件，中间没有一封送达：多半不是邮件本身的问题，可能是"
        "账号"
        "或本机的 IP "
        "地址。其余的邮件不会被退回，只会偶尔再试，直到有一封送达。请看服务商的原话，处理好账号后运行 "
        "`mailchute upstream resume 名称`。"},
    Row{"content-refused",
        "The provider takes the content for spam or for something it does not carry. The message is given "
        "back. "
        "Other words, fewer links or another attachment may pass.",
        "服务商认为内容是垃圾邮件或不允许的内容，这封邮件会被退回。换一种写法、减少链接或更换附件也许能通过"
        "。"},
    Row{"header-refused",
        "The provider refuses the header of this message: an address, a Message-ID or another field is "
        "missing or "
        "not well written. The app that wrote it must be mended.",
        "服务商拒绝这封邮件的邮件头：某个地址、Message-ID "
        "或其他字段缺失或写法不对。需要修改产生这封邮件的程序。"},
    Row{"form-of-login",
        "The provider refused this form of login, which says nothing about the secret. Another form is "
        "tried.",
        "服务商不接受这种登录方式，这与密码是否正确无关。会换一种方式再试。"},
    Row{"session-ended",
        "The provider ended this session: too long without a word, too many messages over it, or it lost the "
        "thread. The next message goes over a new connection; no attempt is counted.",
        "服务商结束了这次会话：空闲太久、发得太多，或者会话乱了。下一封会用新的连接发送，不算一次尝试。"},
    Row{"server-trouble", "The provider has trouble of its own. It is tried again later.",
        "服务商自己出了问题，稍后会再试。"},
    Row{"odd-answer",
        "The provider answered with something that is no answer here. The message is tried again later.",
        "服务商的答复不合协议，稍后会再试。"},
};

}  // namespace

std::optional<Explanation> general_explanation(std::string_view id) {
  const auto row = std::find_if(kRows.begin(), kRows.end(), [id](const Row& each) { return each.id == id; });
  if (row == kRows.end()) return std::nullopt;
  return Explanation{std::string(row->words), std::string(row->words_zh)};
}

}  // namespace mailchute
