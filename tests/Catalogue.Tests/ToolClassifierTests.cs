using Xunit;

namespace Callgate.Catalogue.Tests;

public sealed class ToolClassifierTests
{
    [Theory]
    [InlineData(RiskCategory.Read, RiskLevel.Low)]
    [InlineData(RiskCategory.Write, RiskLevel.Medium)]
    [InlineData(RiskCategory.Execute, RiskLevel.High)]
    [InlineData(RiskCategory.Destructive, RiskLevel.Critical)]
    [InlineData(RiskCategory.Financial, RiskLevel.Critical)]
    [InlineData(RiskCategory.Other, RiskLevel.Low)]
    public void Risk_OfACategory_FollowsFromItAlone(RiskCategory category, RiskLevel level)
    {
        Assert.Equal(level, RiskLevels.Of(category));
        Assert.Equal(level, new ToolClassification(category, 0.9, [], []).Risk);
        Assert.Equal(RiskLevel.Critical, new ToolClassification(category, 0.49, [], []).Risk);
        Assert.Null(new ToolClassification(category, 0.49, [], []).Settled);
    }

    [Theory]
    [InlineData("lists", "Lists files. It does not delete anything.", RiskCategory.Read)]
    [InlineData("dry_check", "Checks which rows would go, without deleting them.", RiskCategory.Read)]
    [InlineData("preview", "Never charges the card; shows what would be paid.", RiskCategory.Read)]
    [InlineData("helper", "Does not delete, cancel or purge. Returns the plan.", RiskCategory.Read)]
    [InlineData("save_note", "Saves a note. The old note isn't removed.", RiskCategory.Write)]
    [InlineData("update_row", "Updates a row. This is not irreversible.", RiskCategory.Write)]
    [InlineData("do_not_delete_flag", "Sets a flag on a record.", RiskCategory.Write)]
    [InlineData("pruefung", "Prüft eine Datei, löscht sie nicht.", RiskCategory.Read)]
    [InlineData("consulta", "Consulta el pedido sin cancelar nada.", RiskCategory.Read)]
    [InlineData("check", "检查文件，不删除。", RiskCategory.Read)]
    [InlineData("check", "ファイルを確認します。削除しません。", RiskCategory.Read)]
    public void Classify_WhatIsDenied_DoesNotCount(string name, string description, RiskCategory category) =>
        Assert.Equal(category, Tools.Of(name, description).Category);

    [Theory]
    [InlineData("clear_throat", "Makes the avatar clear its throat.", RiskCategory.Write)]
    [InlineData("transfer_quote", "", RiskCategory.Read)]
    [InlineData("airport_transfer_quote", "Returns what a transfer would cost.", RiskCategory.Read)]
    [InlineData("orders", "Returns orders, refunds and charges of a customer.", RiskCategory.Read)]
    [InlineData("refund_policy", "", RiskCategory.Read)]
    [InlineData("cancellation_policy", "Explains when a booking may be cancelled.", RiskCategory.Read)]
    [InlineData("list_deploys", "List all deploys for a project.", RiskCategory.Read)]
    [InlineData("get_delete_history", "", RiskCategory.Read)]
    [InlineData("list_droplets", "Lists droplets.", RiskCategory.Read)]
    [InlineData("get_dropdown_options", "", RiskCategory.Read)]
    [InlineData("clear_sky_forecast", "Forecasts clear sky.", RiskCategory.Read)]
    [InlineData("list_deleted_items", "Lists items that were deleted.", RiskCategory.Read)]
    [InlineData("get_access_token", "", RiskCategory.Read)]
    [InlineData("add_numbers", "Adds two numbers.", RiskCategory.Read)]
    [InlineData("transfer_ownership", "Transfers a repository to another owner.", RiskCategory.Write)]
    [InlineData("checkout_branch", "Checks out a branch.", RiskCategory.Write)]
    [InlineData("can_delete_user", "Says whether a user may be deleted.", RiskCategory.Read)]
    [InlineData("speech_to_text", "Turns speech into text.", RiskCategory.Read)]
    public void Classify_FalseFriends_AreNotTakenForTheWorse(string name, string description, RiskCategory category) =>
        Assert.Equal(category, Tools.Of(name, description).Category);

    [Theory]
    [InlineData("call_tool", """{"type":"object","properties":{"tool_name":{"type":"string"},"arguments":{"type":"object"}}}""")]
    [InlineData("batch", """{"type":"object","properties":{"calls":{"type":"array"}}}""")]
    [InlineData("run", """{"type":"object","properties":{"command":{"type":"string"}}}""")]
    [InlineData("gateway", """{"type":"object","properties":{"tool":{"type":"string"},"args":{"type":"object"}}}""")]
    [InlineData("invoke-tool", null)]
    [InlineData("terminal", """{"type":"object","properties":{"cmd":{"type":"string"}}}""")]
    [InlineData("get_anything", """{"type":"object","properties":{"shell_command":{"type":"string"}}}""")]
    public void Classify_ADispatcher_IsAtLeastExecute(string name, string? schema) =>
        Assert.Equal(RiskCategory.Execute, Tools.Of(name, "", schema).Category);

    [Fact]
    public void Classify_AToolThatManagesTools_IsNoDispatcher() =>
        Assert.Equal(RiskCategory.Write, Tools.Of("update_tool", "Updates a tool.", """{"type":"object","properties":{"tool_name":{"type":"string"},"parameters":{"type":"object"}}}""").Category);

    [Theory]
    [InlineData("shapes", "Creates, reads, changes, removes and copies shapes.", RiskCategory.Destructive)]
    [InlineData("get_and_delete_message", "", RiskCategory.Destructive)]
    [InlineData("manage_rooms", "One tool for renaming, assigning and removing rooms.", RiskCategory.Destructive)]
    [InlineData("stop_and_remove", "Stops a container, then removes it.", RiskCategory.Destructive)]
    [InlineData("sync_repo_and_run_notebook", "Pull a repo and run a notebook", RiskCategory.Execute)]
    [InlineData("climate", "Reads and sets heating and cooling.", RiskCategory.Write)]
    [InlineData("quote_and_pay", "", RiskCategory.Financial)]
    public void Classify_SeveralActions_TheWorstCounts(string name, string description, RiskCategory category) =>
        Assert.Equal(category, Tools.Of(name, description).Category);

    [Fact]
    public void Classify_AnActionAmongChoices_TheWorstCounts()
    {
        const string Schema = """{"type":"object","properties":{"action":{"type":"string","enum":["list","get","delete","update"]},"id":{"type":"string"}}}""";

        var found = Tools.Of("get_records", "Gets records.", Schema);

        Assert.Equal(RiskCategory.Destructive, found.Category);
        Assert.Contains(found.Evidence, static one => one is { Text: "delete", Place: "inputSchema/properties/action/enum" });
    }

    /// <summary>Delete, pay, run, create, read in each language.</summary>
    [Theory]
    [InlineData("Löscht eine Datei.", "Überweist einen Betrag.", "Führt ein Skript aus.", "Erstellt ein Ticket.", "Zeigt alle Projekte.")]
    [InlineData("Supprime un fichier.", "Rembourse un client.", "Exécute un script.", "Crée un ticket.", "Affiche les projets.")]
    [InlineData("Elimina un archivo.", "Paga una factura.", "Ejecuta un comando.", "Crea un ticket.", "Muestra los proyectos.")]
    [InlineData("Exclui um arquivo.", "Transfere dinheiro.", "Executa um comando.", "Cria um ticket.", "Exibe os projetos.")]
    [InlineData("Rimuove un file.", "Rimborsa un cliente.", "Esegue un comando.", "Aggiunge un ticket.", "Elenca i progetti.")]
    [InlineData("删除文件", "支付账单", "执行命令", "创建工单", "查询项目列表")]
    [InlineData("ファイルを削除します", "料金を支払います", "コマンドを実行します", "チケットを作成します", "プロジェクトの一覧を取得します")]
    [InlineData("Удаляет файл.", "Оплачивает счёт.", "Выполняет команду.", "Создаёт тикет.", "Показывает проекты.")]
    [InlineData("파일을 삭제합니다", "요금을 결제합니다", "명령을 실행합니다", "티켓을 생성합니다", "프로젝트를 조회합니다")]
    public void Classify_WordsOfOtherLanguages_AreRead(string deletes, string pays, string runs, string creates, string reads)
    {
        var categories = new[] { deletes, pays, runs, creates, reads }.Select(static description => Tools.Of("tool_1", description).Category);

        Assert.Equal([RiskCategory.Destructive, RiskCategory.Financial, RiskCategory.Execute, RiskCategory.Write, RiskCategory.Read], categories);
    }

    [Theory]
    [InlineData("datei_loeschen", RiskCategory.Destructive)]
    [InlineData("supprimerFichier", RiskCategory.Destructive)]
    [InlineData("eliminar-archivo", RiskCategory.Destructive)]
    [InlineData("удалить_файл", RiskCategory.Destructive)]
    [InlineData("ＤＥＬＥＴＥ＿file", RiskCategory.Destructive)]
    [InlineData("deleteFile", RiskCategory.Destructive)]
    [InlineData("DeleteFILE", RiskCategory.Destructive)]
    [InlineData("files.delete", RiskCategory.Destructive)]
    [InlineData("k8s__apply-manifest", RiskCategory.Write)]
    [InlineData("HTTPGet", RiskCategory.Read)]
    public void Classify_EmptyDescription_TheNameDecides(string name, RiskCategory category)
    {
        Assert.Equal(category, Tools.Of(name, "").Category);
        Assert.Equal(category, Tools.Of(name).Category);
    }

    [Fact]
    public void Classify_ATitleWorseThanTheName_Counts()
    {
        var definition = System.Text.Json.JsonElement.Parse("""{"name":"op_17","title":"Delete account"}""");

        Assert.Equal(RiskCategory.Destructive, Tools.Rules.Classify(definition).Category);
    }

    [Fact]
    public void Classify_NothingSaid_IsUnclassifiedAndCritical()
    {
        var found = Tools.Of("xyzzy", "");

        Assert.False(found.IsClassified);
        Assert.Null(found.Settled);
        Assert.Equal(RiskLevel.Critical, found.Risk);
    }

    [Theory]
    [InlineData("list_files", "{\"readOnlyHint\":false}", RiskCategory.Write)]
    [InlineData("list_files", "{\"destructiveHint\":true}", RiskCategory.Destructive)]
    [InlineData("run_script", "{\"destructiveHint\":true}", RiskCategory.Destructive)]
    [InlineData("delete_file", "{\"readOnlyHint\":true,\"destructiveHint\":false}", RiskCategory.Destructive)]
    [InlineData("pay_invoice", "{\"readOnlyHint\":true}", RiskCategory.Financial)]
    [InlineData("run_script", "{\"readOnlyHint\":true}", RiskCategory.Execute)]
    [InlineData("pay_invoice", "{\"destructiveHint\":true}", RiskCategory.Financial)]
    [InlineData("list_files", "{\"readOnlyHint\":\"no\",\"destructiveHint\":1}", RiskCategory.Read)]
    [InlineData("list_files", "[true]", RiskCategory.Read)]
    public void Classify_Annotations_RaiseAndNeverLower(string name, string annotations, RiskCategory category) =>
        Assert.Equal(category, Tools.Of(name, annotations: annotations).Category);

    /// <summary>A server that admits that its unknown tool writes has not said that it does no worse.</summary>
    [Fact]
    public void Classify_AHintOnAToolThatSaysNothing_LeavesItUnclassified()
    {
        var found = Tools.Of("xyzzy", "", annotations: """{"readOnlyHint":false}""");

        Assert.Equal(RiskCategory.Write, found.Category);
        Assert.Equal(RiskLevel.Critical, found.Risk);
        Assert.True(Tools.Of("xyzzy", "", annotations: """{"destructiveHint":true}""").IsClassified);
    }

    [Fact]
    public void Classify_NoWayBack_RaisesAChange()
    {
        var found = Tools.Of("reject_request", "Reject a request. This cannot be undone.");

        Assert.Equal(RiskCategory.Destructive, found.Category);
        Assert.Contains(found.Evidence, static one => one is { Text: "cannot be undone", Place: "description:23-39" });
        Assert.Equal(RiskCategory.Read, Tools.Of("get_request", "Gets a request. Its approval cannot be undone.").Category);
    }

    [Fact]
    public void Classify_AnOrder_IsFinancialInAMarketAlone()
    {
        Assert.Equal(RiskCategory.Financial, Tools.Of("create_order", "Opens an order.", server: "Paper Trading").Category);
        Assert.Equal(RiskCategory.Financial, Tools.Of("create_order", "Opens an order.", """{"type":"object","properties":{"symbol":{"type":"string"},"qty":{"type":"number"}}}""").Category);
        Assert.Equal(RiskCategory.Write, Tools.Of("create_order", "Makes an order of advertising.").Category);
    }

    [Fact]
    public void Classify_AnAmountBesideARecipient_IsFinancial()
    {
        var found = Tools.Of("send", "Sends it.", """{"type":"object","properties":{"amount":{"type":"number"},"recipient":{"type":"string"}}}""");

        Assert.Equal(RiskCategory.Financial, found.Category);
        Assert.Equal("inputSchema/properties/amount", found.Evidence[0].Place);
    }

    [Fact]
    public void Classify_Evidence_QuotesWhatStandsAtItsPlace()
    {
        const string Description = "This tool permanently removes a user, then tells the team.";

        var found = Tools.Of("user_admin", Description);

        var evidence = Assert.Single(found.Evidence, static one => one.Place.StartsWith("description:", StringComparison.Ordinal));
        var ends = evidence.Place["description:".Length..].Split('-').Select(int.Parse).ToArray();
        Assert.Equal(evidence.Text, Description[ends[0]..ends[1]]);
        Assert.Equal("removes", evidence.Text);
    }
}
