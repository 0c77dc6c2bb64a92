"""Replies in plain text: what each client writes under or around a person's words."""

# ruff: noqa: E501 (a mail's line is as long as its writer made it)

from __future__ import annotations

from tests.channels.email_mails import QUESTION, QUESTION_ZH, Case, head, plain

_FROM = "Jade Hotel <feedback@jade.example>"
_Q = f"> {QUESTION}\n>\n> Unsubscribe: https://jade.example/u/9\n"
_QZ = f"> {QUESTION_ZH}\n>\n> 退订：https://jade.example/u/9\n"

ENGLISH = [
    Case(
        "gmail", plain(f"9, lovely stay\n\nOn Mon, Oct 5, 2026 at 10:00 AM {_FROM}\nwrote:\n\n{_Q}"), "9, lovely stay"
    ),
    Case(
        "gmail that breaks the address",
        plain(
            f"9\n\nOn Mon, Oct 5, 2026 at 10:00 AM Jade Hotel Customer Care <feedback@jade.example\n> wrote:\n\n{_Q}"
        ),
        "9",
    ),
    Case("gmail, nothing above the quote", plain(f"\n\nOn Mon, 5 Oct 2026 at 10:00, {_FROM} wrote:\n\n{_Q}"), ""),
    Case(
        "gmail, below the quote",
        plain(f"On Mon, 5 Oct 2026 at 10:00, {_FROM} wrote:\n\n{_Q}\n8\n\nThe pool was closed.\n"),
        "8\n\nThe pool was closed.",
    ),
    Case(
        "gmail, between the lines",
        plain(
            f"Hi,\n\nOn Mon, 5 Oct 2026 at 10:00, {_FROM} wrote:\n\n> Would you recommend us, 0-10?\n\n7\n\n"
            "> What went wrong?\n\nBreakfast was cold.\n\n> Thank you!\n"
        ),
        "Hi,\n\n7\n\nBreakfast was cold.",
    ),
    Case("apple mail", plain(f"10!\n\n> On 5 Oct 2026, at 10:00, {_FROM} wrote:\n> \n{_Q}"), "10!"),
    Case(
        "ios", plain(f"10\n\nSent from my iPhone\n\n> On 5 Oct 2026, at 10:00, {_FROM} wrote:\n> \n> \ufeff{_Q}"), "10"
    ),
    Case(
        "outlook desktop",
        plain(
            "6 - the room was noisy\n\nFrom: Jade Hotel [mailto:feedback@jade.example]\nSent: Monday, October 5, 2026 10:00"
            f" AM\nTo: Ann Lee\nSubject: How was your stay?\n\n{QUESTION}\n\nReply 0-10\n"
        ),
        "6 - the room was noisy",
    ),
    Case(
        "outlook on the web",
        plain(
            f"4\n\n________________________________\nFrom: {_FROM}\nSent: Monday, October 5, 2026 10:00:00 AM\n"
            f"To: Ann Lee <ann.lee@example.net>\nSubject: How was your stay?\n\n{QUESTION}\n"
        ),
        "4",
    ),
    Case(
        "outlook mobile",
        plain(
            f"9\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n________________________________\nFrom: {_FROM}\n"
            f"Sent: Monday, October 5, 2026 10:00:00 AM\nTo: ann.lee@example.net\nSubject: How was your stay?\n\n{QUESTION}\n"
        ),
        "9",
    ),
    Case(
        "old outlook", plain(f"Fine, 8\n\n-----Original Message-----\nFrom: Jade\nTo: Ann\n\n{QUESTION}\n"), "Fine, 8"
    ),
    Case(
        "thunderbird below",
        plain(
            f"On 05/10/2026 10:00, Jade Hotel wrote:\n{_Q}\n5. The desk kept us waiting.\n\n-- \nAnn Lee\nExample Ltd\n"
        ),
        "5. The desk kept us waiting.",
    ),
    Case(
        "yahoo",
        plain(f"3\n\n    On Monday, October 5, 2026 at 10:00:00 AM GMT+8, {_FROM} wrote:  \n \n {QUESTION}\n"),
        "3",
    ),
    Case(
        "samsung",
        plain(
            f"7 thanks\n\n\nSent from my Galaxy\n\n\n-------- Original message --------\nFrom: {_FROM}\n"
            f"Date: 05/10/2026  10:00  (GMT+08:00)\nTo: ann.lee@example.net\nSubject: How was your stay?\n\n{QUESTION}\n"
        ),
        "7 thanks",
    ),
    Case(
        "proton",
        plain(
            f"10\n\nSent with [Proton Mail](https://proton.me/) secure email.\n\n------- Original Message -------\n"
            f"On Monday, October 5th, 2026 at 10:00, {_FROM} wrote:\n\n{_Q}"
        ),
        "10",
    ),
    Case("zoho", plain(f"2\n\n\n---- On Mon, 05 Oct 2026 10:00:00 +0800 {_FROM} wrote ----\n\n{QUESTION}\n"), "2"),
    Case(
        "spark",
        plain(f"8, friendly staff\nOn 5 Oct 2026 at 10:00 +0800, {_FROM}, wrote:\n{_Q}"),
        "8, friendly staff",
    ),
    Case(
        "a company's signature and disclaimer",
        plain(
            f"9\n\n-- \nAnn Lee\nHead of Travel\n\nCONFIDENTIALITY NOTICE: this e-mail is confidential.\n\n"
            f"On Mon, 5 Oct 2026 at 10:00, {_FROM} wrote:\n{_Q}"
        ),
        "9",
    ),
    Case(
        "a disclaimer without a signature",
        plain(
            "Good, 8.\n\nThis email and any attachments are confidential and intended solely for the addressee.\n"
            f"If you received it in error, delete it.\n\nOn Mon, 5 Oct 2026 at 10:00, {_FROM} wrote:\n{_Q}"
        ),
        "Good, 8.",
    ),
    Case(
        "a forwarded mail",
        plain(
            f"See below, this is what they ask.\n\n---------- Forwarded message ---------\nFrom: {_FROM}\n"
            f"Date: Mon, 5 Oct 2026 at 10:00\nSubject: How was your stay?\nTo: <ann.lee@example.net>\n\n{QUESTION}\n"
        ),
        "See below, this is what they ask.",
    ),
    Case(
        "apple forwards", plain(f"fyi\n\nBegin forwarded message:\n\nFrom: {_FROM}\nSubject: x\n\n{QUESTION}\n"), "fyi"
    ),
    Case(
        "a person's own dashes",
        plain("Good:\n-- nothing\n-- at all\n\nBad: the lift\n"),
        "Good:\n-- nothing\n-- at all\n\nBad: the lift",
    ),
    Case(
        "a journey is no header",
        plain("From: Beijing\nTo: Shanghai\nDate: 5 October\nThe train was late.\n"),
        "From: Beijing\nTo: Shanghai\nDate: 5 October\nThe train was late.",
    ),
    Case(
        "on the other hand",
        plain("On the whole fine: 8\nOn Monday the staff wrote my name wrong\n"),
        "On the whole fine: 8\nOn Monday the staff wrote my name wrong",
    ),
    Case("a smile that begins with >", plain(">_< the bed broke\n"), ">_< the bed broke"),
]

CHINESE = [
    Case(
        "gmail 中文",
        plain(f"9分，很满意\n\n翠湖酒店 <feedback@jade.example> 于2026年10月5日周一 10:00写道：\n\n{_QZ}"),
        "9分，很满意",
    ),
    Case(
        "gmail 繁體",
        plain(f"很好，9分\n\n翠湖酒店 <feedback@jade.example> 於 2026年10月5日 週一 上午10:00寫道：\n\n{_QZ}"),
        "很好，9分",
    ),
    Case(
        "QQ 邮箱",
        plain(
            "10\n\n\n\n\n------------------&nbsp;原始邮件&nbsp;------------------\n发件人:                                "
            '"翠湖酒店"                                                                <feedback@jade.example&gt;;\n'
            f'发送时间:&nbsp;2026年10月5日(星期一) 上午10:00\n收件人:&nbsp;"张三"<zhang@qq.com&gt;;\n\n'
            f"主题:&nbsp;您的入住体验如何？\n\n\n\n{QUESTION_ZH}\n"
        ),
        "10",
    ),
    Case(
        "新版 QQ 邮箱",
        plain(
            f"没有热水，2分\n\n张三\n\n         原始邮件\n         \n       \n发件人：翠湖酒店 <feedback@jade.example>\n"
            f"发件时间：2026年10月5日 10:00\n收件人：张三 <zhang@qq.com>\n主题：您的入住体验如何？\n\n{QUESTION_ZH}\n"
        ),
        "没有热水，2分\n\n张三",
    ),
    Case(
        "QQ in English",
        plain(
            f'8\n\n\n------------------ Original ------------------\nFrom:  "Jade";<feedback@jade.example>;\nDate:  Mon, Oct 5, 2026 10:00 AM\nTo:  "zhang"<zhang@qq.com>;\nSubject:  hi\n\n{QUESTION}\n'
        ),
        "8",
    ),
    Case(
        "163 网页",
        plain(
            f'8分\n还不错\n\n\n\n\n\n\n\n\n\n在 2026-10-05 10:00:00，"翠湖酒店" <feedback@jade.example> 写道：\n>{QUESTION_ZH}\n>退订\n'
        ),
        "8分\n还不错",
    ),
    Case(
        "126 without marks",
        plain(f"9\n\n\n在2026年10月05日 10:00，翠湖酒店<feedback@jade.example> 写道：\n\n{QUESTION_ZH}\n"),
        "9",
    ),
    Case(
        "网易邮箱大师",
        plain(
            "房间有烟味\n\n\n\n| |\n张三\n|\n|\nzhang@163.com\n|\n签名由\n网易邮箱大师\n定制\n\n\n---- 回复的原邮件 ----\n"
            "| 发件人 | 翠湖酒店<feedback@jade.example> |\n| 日期 | 2026年10月05日 10:00 |\n| 收件人 | zhang@163.com |\n"
            f"| 主题 | 您的入住体验如何？ |\n{QUESTION_ZH}\n"
        ),
        "房间有烟味",
    ),
    Case(
        "139 邮箱",
        plain(
            "5分，前台态度差\n\n\n\n----邮件原文----\n发件人：翠湖酒店 <feedback@jade.example>\n收件人：zhang <13800138000@139.com>\n"
            f"抄　送：（无）\n发送时间：2026-10-05 10:00:00\n主题：您的入住体验如何？\n\n{QUESTION_ZH}\n"
        ),
        "5分，前台态度差",
    ),
    Case(
        "Foxmail",
        plain(
            "7分\n\n\n\nzhang@example.cn\n \n发件人： 翠湖酒店\n发送时间： 2026-10-05 10:00\n收件人： zhang\n"
            f"主题： 您的入住体验如何？\n{QUESTION_ZH}\n"
        ),
        "7分",
    ),
    Case(
        "新浪",
        plain(
            "很好\n\n----- 原始邮件 -----\n发件人：翠湖酒店 <feedback@jade.example>\n收件人：zhang <zhang@sina.com>\n"
            f"主题：您的入住体验如何？\n日期：2026年10月05日 10点00分\n\n{QUESTION_ZH}\n"
        ),
        "很好",
    ),
    Case(
        "Coremail",
        plain(
            '6\n\n-----原始邮件-----\n发件人:"翠湖酒店" <feedback@jade.example>\n发送时间:2026-10-05 10:00:00 (星期一)\n'
            f"收件人: zhang@univ.example.cn\n抄送: \n主题: 您的入住体验如何？\n\n{QUESTION_ZH}\n"
        ),
        "6",
    ),
    Case(
        "阿里邮箱",
        plain(
            "9分\n------------------------------------------------------------------\n发件人：翠湖酒店 <feedback@jade.example>\n"
            f"日　期：2026年10月05日 10:00:00\n收件人：<zhang@aliyun.com>\n主　题：您的入住体验如何？\n\n{QUESTION_ZH}\n"
        ),
        "9分",
    ),
    Case(
        "Outlook 中文",
        plain(
            "客房太小\n\n发件人: 翠湖酒店 <feedback@jade.example>\n发送时间: 2026年10月5日 10:00\n收件人: 张三 <zhang@example.cn>\n"
            f"主题: 您的入住体验如何？\n\n{QUESTION_ZH}\n"
        ),
        "客房太小",
    ),
    Case(
        "Outlook 手机 中文",
        plain(
            "9\n\n获取 Outlook for iOS<https://aka.ms/o0ukef>\n________________________________\n发件人: 翠湖酒店 <feedback@jade.example>\n"
            f"发送时间: Monday, October 5, 2026 10:00:00 AM\n收件人: 张三 <zhang@example.cn>\n主题: 您的入住体验如何？\n\n{QUESTION_ZH}\n"
        ),
        "9",
    ),
    Case(
        "iPhone 中文",
        plain(
            f"10分\n\n发自我的 iPhone\n\n> 在 2026年10月5日，10:00，翠湖酒店 <feedback@jade.example> 写道：\n> \n> \ufeff{_QZ}"
        ),
        "10分",
    ),
    Case(
        "Apple 邮件 中文", plain(f"8\n\n> 2026年10月5日 10:00，翠湖酒店 <feedback@jade.example> 写道：\n> \n{_QZ}"), "8"
    ),
    Case(
        "雅虎 中文",
        plain(
            f"4\n\n 在 2026年10月5日 星期一 10:00:00 [GMT+8]， 翠湖酒店<feedback@jade.example> 写道：  \n \n {QUESTION_ZH}\n"
        ),
        "4",
    ),
    Case(
        "雷鸟 中文", plain(f"在 2026/10/5 10:00, 翠湖酒店 写道:\n{_QZ}\n3分，空调坏了\n\n-- \n张三\n"), "3分，空调坏了"
    ),
    Case(
        "华为手机",
        plain(
            "满意\n\n发自我的华为手机\n\n\n-------- 原始邮件 --------\n发件人： 翠湖酒店 <feedback@jade.example>\n"
            f"日期： 2026年10月5日周一 10:00\n收件人： zhang@example.cn\n主 题： 您的入住体验如何？\n{QUESTION_ZH}\n"
        ),
        "满意",
    ),
    Case(
        "小米手机",
        plain(
            f"一般\n来自我的小米手机\n在 翠湖酒店 <feedback@jade.example>，2026年10月5日 上午10:00写道：\n\n{QUESTION_ZH}\n"
        ),
        "一般",
    ),
    Case(
        "保密声明",
        plain(
            f"8分\n\n保密声明：本邮件及其附件含有保密信息，仅供指定收件人使用。\n\n在2026年10月5日 10:00，翠湖酒店<feedback@jade.example>写道：\n{QUESTION_ZH}\n"
        ),
        "8分",
    ),
    Case("来自上海", plain("从上海发出三天才到\n发自内心地感谢客服\n"), "从上海发出三天才到\n发自内心地感谢客服"),
    Case("没有引用", plain("服务态度不好，等了40分钟。\n\n希望改进\n"), "服务态度不好，等了40分钟。\n\n希望改进"),
]

OTHERS = [
    Case(
        "deutsch",
        plain(f"9, danke\n\nAm Mo., 5. Okt. 2026 um 10:00 Uhr schrieb Jade Hotel <feedback@jade.example>:\n\n{_Q}"),
        "9, danke",
    ),
    Case(
        "outlook deutsch",
        plain(
            f"6\n\nVon: {_FROM}\nGesendet: Montag, 5. Oktober 2026 10:00\nAn: Ann Lee\nBetreff: Wie war es?\n\n{QUESTION}\n"
        ),
        "6",
    ),
    Case("français", plain(f"8\n\nLe lun. 5 oct. 2026 à 10:00, {_FROM} a écrit :\n\n{_Q}"), "8"),
    Case("español", plain(f"10\n\nEl lun, 5 oct 2026 a las 10:00, {_FROM} escribió:\n\n{_Q}"), "10"),
    Case("日本語", plain(f"とても良かった\n\n2026年10月5日(月) 10:00 {_FROM}:\n\n{_Q}"), "とても良かった"),
    Case(
        "outlook 日本語",
        plain(f"7\n\n差出人: {_FROM}\n送信日時: 2026年10月5日 10:00\n宛先: Ann\n件名: ご感想\n\n{QUESTION}\n"),
        "7",
    ),
    Case("русский", plain(f"9\n\nпн, 5 окт. 2026 г. в 10:00, {_FROM}:\n\n{_Q}"), "9"),
    Case("한국어", plain(f"좋아요\n\n2026년 10월 5일 (월) 오전 10:00, {_FROM}님이 작성:\n\n{_Q}"), "좋아요"),
    Case("no attribution known, only marks", plain(f"9\n\n{_Q}", headers=head(subject="Vs: hei")), "9"),
]

MORE = [
    Case(
        "gmail with a narrow space before AM",
        plain(f"9\n\nOn Mon, Oct 5, 2026 at 10:00\u202fAM {_FROM} wrote:\n\n{_Q}"),
        "9",
    ),
    Case("an unknown phone", plain("10\n\nSent from my Wiko RIDGE FAB 4G\n"), "10"),
    Case("an unknown phone 中文", plain("10\n\n发自我的锤子手机\n"), "10"),
    Case("heartfelt", plain("发自我的内心\n"), "发自我的内心"),
    Case("old foxmail", plain(f"8\n\n======= 2026-10-05 10:00:00 您在来信中写道： =======\n\n{QUESTION_ZH}\n"), "8"),
    Case(
        "headers in bold",
        plain(f"5\n\n*From:* {_FROM}\n*Sent:* Monday, October 5, 2026\n*To:* Ann\n*Subject:* Stay\n\n{QUESTION}\n"),
        "5",
    ),
    Case(
        "微软繁體",
        plain(f"6分\n\n寄件者: {_FROM}\n寄件日期: 2026年10月5日 10:00\n收件者: Ann\n主旨: 住宿\n\n{QUESTION_ZH}\n"),
        "6分",
    ),
    Case("a signature of NetEase alone", plain("| |\n张三\n|\n|\nzhang@163.com\n|\n"), ""),
]

CASES = [*MORE, *ENGLISH, *CHINESE, *OTHERS]
