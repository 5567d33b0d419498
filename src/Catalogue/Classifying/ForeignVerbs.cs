namespace Callgate.Catalogue.Classifying;

/// <summary>
/// Verbs of other languages in the forms that descriptions and names use: infinitive, imperative, third person; without
/// accents, as words are folded. Han, kana and hangul stand as stems, for what follows them is grown on.
/// </summary>
internal static class ForeignVerbs
{
    public const string Table = """
        destructive 3 de: loschen loescht loeschen losche loscht entfernen entfernt entferne vernichten vernichtet zerstoren zerstort leeren leert abbrechen bricht storniert stornieren kundigen kundigt deinstallieren deinstalliert widerrufen beendet beenden
        financial 3 de: bezahlen bezahlt zahlen zahlt kaufen kauft verkaufen verkauft uberweisen uberweist ueberweisen ueberweist erstatten erstattet abbuchen bucht buchen
        execute 3 de: ausfuhren ausfuehren fuhrt fuehrt starten startet stoppen stoppt neustarten anrufen auslosen bereitstellen steuern steuert
        write 3 de: erstellen erstellt anlegen aktualisieren aktualisiert andern andert aendern hinzufugen hinzufuegen fugt fuegt speichern speichert schreiben schreibt senden sendet verschicken verschickt umbenennen bearbeiten bearbeitet hochladen verschieben
        read 3 de: lesen liest abrufen ruft auflisten zeigen zeigt suchen sucht finden findet anzeigen prufen pruft berechnen berechnet liefert gibt vergleichen
        destructive 3 fr: supprimer supprime supprimez effacer efface detruire detruit vider annuler annule resilier desinstaller retirer enleve enlever revoquer purger
        financial 3 fr: payer paie paye acheter achete vendre vend rembourser rembourse virer encaisser transferer debiter crediter
        execute 3 fr: executer execute lancer demarrer demarre arreter arrete redemarrer redemarre appeler declencher deployer
        write 3 fr: creer cree ajouter ajoute modifier modifie mettre enregistrer enregistre ecrire ecrit envoyer envoie renommer deplacer publier televerser
        read 3 fr: lire obtenir obtient recuperer recupere lister afficher affiche rechercher recherche trouver trouve verifier verifie calculer calcule consulter renvoie retourne
        destructive 3 es: eliminar elimina borrar borra suprimir suprime destruir destruye vaciar vacia cancelar cancela anular anula desinstalar desinstala quitar revocar purgar
        financial 3 es: pagar paga comprar compra vender vende reembolsar reembolsa cobrar transferir transfiere
        execute 3 es: ejecutar ejecuta lanzar lanza iniciar inicia detener detiene reiniciar reinicia llamar desplegar
        write 3 es: crear crea anadir anade agregar agrega actualizar actualiza modificar modifica guardar guarda escribir escribe enviar envia renombrar mover publicar subir
        read 3 es: leer obtener obtiene listar mostrar muestra buscar busca encontrar consultar consulta verificar verifica calcular calcula devuelve
        destructive 3 pt: excluir exclui apagar apaga deletar deleta remover destruir limpar limpa desinstalar cancelar revogar
        financial 3 pt: comprar vender reembolsar reembolsa estornar cobrar transferir transfere
        execute 3 pt: executar executa iniciar parar reiniciar ligar disparar implantar
        write 3 pt: criar cria adicionar adiciona atualizar atualiza alterar altera salvar salva gravar escrever escreve enviar renomear publicar
        read 3 pt: ler obter obtem pegar exibir exibe procurar pesquisar pesquisa encontrar retorna
        destructive 3 it: eliminare cancellare cancella rimuovere rimuove distruggere svuotare svuota annullare annulla disinstallare revocare
        financial 3 it: pagare acquistare acquista comprare vendere rimborsare rimborsa trasferire trasferisce addebitare bonifico
        execute 3 it: eseguire esegue avviare avvia fermare ferma riavviare riavvia chiamare lanciare distribuire
        write 3 it: creare aggiungere aggiunge aggiornare aggiorna modificare salvare scrivere scrive inviare invia rinominare spostare pubblicare
        read 3 it: leggere legge ottenere ottiene elencare elenca mostrare mostra cercare cerca trovare trova verificare calcolare calcola restituisce
        destructive 3 nl: verwijderen verwijdert wissen annuleren
        financial 3 nl: betalen betaalt kopen koopt terugbetalen
        execute 3 nl: uitvoeren starten stoppen
        write 3 nl: aanmaken maakt toevoegen bijwerken opslaan versturen
        read 3 nl: ophalen haalt weergeven zoeken
        destructive 3 ru: удалить удаляет удаление удали стереть стирает очистить очищает отменить отменяет отмена уничтожить уничтожает завершить завершает отозвать
        financial 3 ru: оплатить оплачивает оплата заплатить купить покупает продать продает перевести переводит вернуть списать списывает возврат
        execute 3 ru: выполнить выполняет запустить запускает остановить останавливает перезапустить перезапускает вызвать вызывает развернуть
        write 3 ru: создать создает добавить добавляет обновить обновляет изменить изменяет сохранить сохраняет записать записывает отправить отправляет переименовать
        read 3 ru: получить получает прочитать читает найти находит искать ищет показать показывает проверить проверяет вычислить возвращает список вывести выводит
        destructive 3 zh: 删除 刪除 移除 清空 清除 销毁 銷毀 卸载 卸載 撤销 撤銷 终止 終止 取消 注销 抹除 作废
        financial 3 zh: 支付 付款 转账 轉帳 转帐 退款 购买 購買 下单 充值 提现 买入 卖出 交易 扣款
        execute 3 zh: 执行 執行 运行 運行 启动 啟動 停止 重启 重啟 部署 触发 觸發 控制 调用 点击 移动 拨打
        write 3 zh: 创建 創建 新建 新增 添加 更新 修改 编辑 写入 寫入 保存 发送 發送 发布 發佈 上传 上傳 设置 設置 安装 安裝 生成 重命名 提交 推送 写
        read 3 zh: 获取 獲取 查询 查詢 列出 搜索 搜尋 读取 讀取 查看 检查 檢查 返回 计算 計算 分析 检索 显示 查找 统计
        destructive 3 ja: 削除 消去 取り消 取消 破棄 終了 キャンセル アンインストール 解約 無効化
        financial 3 ja: 支払 送金 返金 購入 決済 振込 振り込 売却 課金 注文
        execute 3 ja: 実行 起動 再起動 停止 開始 デプロイ 呼び出
        write 3 ja: 作成 追加 更新 変更 編集 保存 書き込 送信 投稿 登録 アップロード 設定 生成
        read 3 ja: 取得 検索 一覧 表示 確認 読み取 読み込 参照 計算 調べ 返し 返す 翻訳
        destructive 3 ko: 삭제 제거 취소 초기화 종료 해지
        financial 3 ko: 결제 송금 환불 구매 이체 매수 매도
        execute 3 ko: 실행 시작 중지 재시작 배포 호출
        write 3 ko: 생성 추가 수정 업데이트 저장 전송 등록 변경 작성
        read 3 ko: 조회 검색 목록 확인 가져 읽기 표시 분석 반환
        """;

    /// <summary>Words that turn what stands beside them into its opposite; of scripts without spaces they stand in <see cref="UnspacedNegations"/>.</summary>
    public const string Negations = """
        not no never without cannot cant dont doesnt didnt wont isnt arent wouldnt shouldnt nor neither non nothing none refuses refuse avoid avoids prevents prevent instead
        nicht kein keine keinen ohne nie niemals pas ne jamais sans nunca jamas sin nao sem non mai senza niet geen не нет без никогда
        """;

    /// <summary>Before the verb in Chinese, behind it in Japanese and Korean.</summary>
    public static readonly string[] UnspacedNegations = ["不", "没有", "无需", "無需", "未", "ません", "ない", "しな", "ず", "않", "안 "];
}
